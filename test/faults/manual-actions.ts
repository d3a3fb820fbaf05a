// Runs support commands at random moments and remembers their answers, also where no answer came.

import { expect } from 'chai';
import { ask } from '../../src/cli/client.ts';
import { NoDaemon } from '../../src/cli/unanswered.ts';
import type { DoneAnswer, ListAnswer } from '../../src/desk/answers.ts';
import type { RequestBody } from '../../src/desk/protocol.ts';
import { ExitError } from '../../src/exit.ts';
import { HOUR } from '../../src/values/duration.ts';
import type { TestDaemon } from '../harness/daemon.ts';
import { keyOf, type OracleAction } from './oracle.ts';

interface Command {
  readonly ip: string;
  /** identifies its lines in the audit trail */
  readonly reason: string;
  /** lines in the audit trail that its answer promises; undefined where no answer came */
  lines: number | undefined;
}

type Random = (below: number) => number;

export class ManualActions {
  readonly #daemon: TestDaemon;
  readonly #random: Random;
  readonly #ips: readonly string[];
  readonly #commands: Command[] = [];

  constructor(daemon: TestDaemon, random: Random, ips: readonly string[]) {
    this.#daemon = daemon;
    this.#random = random;
    this.#ips = ips;
  }

  /** The number of commands that succeeded, that failed, and that were cut off. */
  get figures(): string {
    const count = (is: (lines: number | undefined) => boolean) =>
      this.#commands.filter(({ lines }) => is(lines)).length;
    const done = count((lines) => lines !== undefined && lines > 0);
    return `${done} commands done, ${count((lines) => lines === 0)} refused, ${count((lines) => lines === undefined)} cut off`;
  }

  /** Runs one command, to its end or until a kill cuts it off. */
  async act(): Promise<void> {
    const lifts = this.#random(10) < 4;
    const ip = (lifts ? await this.#blocked() : '') || this.#pick(this.#ips);
    const reason = `ticket ${this.#commands.length}`;
    const command: Command = { ip, reason, lines: undefined };
    this.#commands.push(command);
    const request = { ...this.#request(ip, lifts), by: 'alice', reason };
    try {
      const { done } = await ask<DoneAnswer>(this.#daemon.state, request);
      command.lines = done.length;
    } catch (error) {
      // Refused, or there was no daemon. A daemon that took the command but gave no answer may have done it or not.
      const isCut =
        error instanceof ExitError &&
        /without an answer|did not answer|still be done/.test(error.lines.join());
      if (!isCut || error instanceof NoDaemon) command.lines = 0;
    }
  }

  /** A client that is blocked now; empty where none is. */
  async #blocked(): Promise<string> {
    const { blocks } = await ask<ListAnswer>(this.#daemon.state, { command: 'list' }).catch(() => ({
      blocks: [],
    }));
    const keys = blocks.map(({ ip }) => ip);
    return this.#pick(this.#ips.filter((ip) => keys.includes(keyOf(ip))));
  }

  #pick(ips: readonly string[]): string {
    return ips[this.#random(Math.max(1, ips.length))] ?? '';
  }

  #request(ip: string, lifts: boolean): RequestBody {
    const dice = this.#random(8);
    const short = { duration: 1000 + this.#random(3000) };
    if (lifts) return { command: 'unblock', ip, ...(dice < 4 ? {} : short) };
    if (dice < 4)
      return { command: 'block', ip, rule: 'auth-failures', ...(dice < 2 ? { duration: HOUR } : short) };
    return { command: dice < 6 ? 'allow' : 'disallow', ip: keyOf(ip), duration: HOUR };
  }

  /** Checks that the trail has each command that succeeded once, and none that was refused. */
  expectAllRecorded(): void {
    const written = new Map<unknown, number>();
    for (const { why } of this.#daemon.audit()) written.set(why, (written.get(why) ?? 0) + 1);
    for (const { ip, reason, lines } of this.#commands) {
      if (lines !== undefined) expect(written.get(reason) ?? 0, `${ip}: ${reason}`).to.equal(lines);
    }
  }

  /** What was done to a client by hand, from the trail; `names` are the keys that may stand for it. */
  actsOn(names: readonly string[]): readonly OracleAction[] {
    const whats = {
      block: 'block',
      end: 'lift',
      grace: 'grace',
      allow: 'allow',
      disallow: 'disallow',
    } as const;
    return this.#daemon
      .audit()
      .filter(({ ip, by }) => by !== undefined && names.includes(String(ip)))
      .map(({ event, at, until, rule }) => ({
        what: whats[event as keyof typeof whats],
        at: Date.parse(String(at)),
        until: until === undefined ? 0 : Date.parse(String(until)),
        rule: String(rule),
      }));
  }
}
