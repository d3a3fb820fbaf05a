// Sends notices of blocks and troubles to the targets under on-block: in policy.yml.

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Change } from '../../blocks/changes.ts';
import type { Config } from '../../config/config.ts';
import type { NoticeTarget } from '../../config/fields/notice-fields.ts';
import type { Health, HealthNews } from '../../health/health.ts';
import type { PartTroubles } from '../../health/part-troubles.ts';
import { runCommand } from '../../notices/command.ts';
import { changeEvent, type NoticeEvent, type TroubleEvent, troubleEvent } from '../../notices/event.ts';
import { type Deliver, Target } from '../../notices/target.ts';
import { postNotice } from '../../notices/webhook.ts';
import type { DaemonLog } from '../log/log.ts';
import type { Companion } from './companions.ts';

/** ms that notices may take when the daemon stops */
const FINISH = 1000;

export interface NoticesParts {
  readonly log: Pick<DaemonLog, 'report'>;
  readonly health: Pick<Health, 'troubles'> & { readonly parts: Pick<PartTroubles, 'notices'> };
}

interface Open {
  /** as the log names it, without the path of a webhook */
  readonly name: string;
  readonly target: Target;
}

export class Notices implements Companion {
  readonly name = 'notices';
  readonly #parts: NoticesParts;
  readonly #clock: () => number;
  /** by the text of their options */
  #targets: ReadonlyMap<string, Open> = new Map();
  #isFirst = true;
  /** whose trouble is looked at */
  #looked: Target | undefined;

  /** @param clock ms since 1970 */
  constructor(parts: NoticesParts, clock: () => number) {
    this.#parts = parts;
    this.#clock = clock;
  }

  /** A target with the same options as before keeps what it has not sent yet. */
  async adopt({ onBlock = [], shareState }: Config): Promise<void> {
    const host = shareState?.host ?? hostname();
    const before = this.#targets;
    const targets = onBlock.map((spec, i): [string, Open] => {
      const key = JSON.stringify([i, host, spec]);
      return [key, before.get(key) ?? this.#open(spec, i, host)];
    });
    this.#targets = new Map(targets);
    for (const [key, open] of before) if (!this.#targets.has(key)) this.#close(open);
    if (this.#isFirst) this.#addCurrentTroubles();
    this.#isFirst = false;
  }

  /** Other hosts notify of what they do themselves. */
  changed(change: Change, host: string | undefined): void {
    if (host !== undefined || this.#targets.size === 0) return;
    const event = changeEvent(change);
    if (event !== undefined) this.#add(event);
  }

  reported(news: HealthNews): void {
    if (news.type !== 'trouble' || news.stage === 'lasts' || this.#targets.size === 0) return;
    const state = news.stage === 'began' ? 'began' : 'over';
    const event = troubleEvent(news.trouble, state, this.#clock());
    if (event.what === 'notices-failing') this.#addFailing(event);
    else this.#add(event);
  }

  tick(now: number): void {
    for (const { name, target } of this.#targets.values()) {
      target.tick(now);
      this.#looked = target;
      this.#parts.health.parts.notices(name, target.troubleAt(now), now);
      this.#looked = undefined;
    }
  }

  async stop(): Promise<void> {
    const open = [...this.#targets.values()];
    const finished = Promise.all(open.map(({ target }) => target.finish(this.#clock())));
    await Promise.race([finished, delay(FINISH, undefined, { ref: false })]);
    for (const { target } of open) target.abort();
    for (const one of open) this.#reportUnsent(one);
    this.#targets = new Map();
  }

  #open(spec: NoticeTarget, index: number, host: string): Open {
    const what = spec.type === 'command' ? spec.command[0] : new URL(spec.url).origin;
    const name = `on-block[${index}] (${spec.type} ${what})`;
    const failed = (reason: string) =>
      this.#parts.log.report({ event: 'notice-failed', target: name, reason });
    const parts = { spec, host, deliver: this.#delivery(spec), id: randomUUID, chance: Math.random, failed };
    return { name, target: new Target(parts) };
  }

  #delivery(spec: NoticeTarget): Deliver {
    if (spec.type === 'command') return (notice, signal) => runCommand(spec, notice, signal);
    return (notice, signal) => postNotice(spec, notice, this.#clock(), signal);
  }

  #close(open: Open): void {
    open.target.abort();
    this.#reportUnsent(open);
    this.#parts.health.parts.notices(open.name, undefined, this.#clock());
  }

  #reportUnsent({ name, target: { unsent } }: Open): void {
    if (unsent > 0) this.#parts.log.report({ event: 'notices-unsent', target: name, events: unsent });
  }

  /** Those that began before there were targets. */
  #addCurrentTroubles(): void {
    const now = this.#clock();
    for (const trouble of this.#parts.health.troubles) this.#add(troubleEvent(trouble, 'began', now));
  }

  /**
   * A target that fails is tried with the news that it does, once. It hears no more of it until it works: each notice that
   * fails would be a reason for the next one.
   */
  #addFailing(event: TroubleEvent): void {
    for (const { target } of this.#targets.values())
      if (target.isWorking || (event.state === 'began' && target === this.#looked)) target.add(event);
  }

  #add(event: NoticeEvent): void {
    for (const { target } of this.#targets.values()) target.add(event);
  }
}
