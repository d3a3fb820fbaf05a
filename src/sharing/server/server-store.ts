// What hosts keep in common, on a server of Valkey or Redis.

import { randomUUID } from 'node:crypto';
import type { AuditedChange } from '../../blocks/changes.ts';
import {
  type Batch,
  COMMON,
  type Counted,
  type HostReport,
  SHARDS,
  type SharedChange,
  type SharedRules,
  type SharedStore,
  StoreError,
  type StoreListener,
  type StoreSpec,
  type StreamEntry,
  type StreamPart,
} from '../shared-store.ts';
import { changeArguments, changesOfState, sharedChangeOf } from './changes.ts';
import { newClient, type ServerClient } from './client.ts';
import { countArguments } from './count-arguments.ts';
import { countScript } from './count-script.ts';
import { hostReportOf } from './host-reports.ts';
import { Link } from './link.ts';
import { LiveHosts } from './live-hosts.ts';
import { MAX_MESSAGE, Questions, questionOf } from './questions.ts';
import { SCRIPTS, type Script } from './scripts.ts';

/** Entries of one reading. */
const MAX_ENTRIES = 1000;
/** ms for which the trace of a connection is kept */
const PROBE_KEPT = 10_000;
/** ms by which the clocks of two servers may differ */
const OVERLAP = 60_000;
const FIELDS = 3;
const SHARD_NUMBERS = Array.from({ length: SHARDS + 1 }, (_, shard) => shard);
const CLIENT_SHARDS = SHARD_NUMBERS.slice(0, SHARDS);
const SHARD_NAMES = new Set(SHARD_NUMBERS.map(String));

export class ServerStore implements SharedStore {
  readonly #spec: StoreSpec;
  readonly #listener: StoreListener;
  readonly #link: Link;
  readonly #questions: Questions;
  /** shards that were not read since the connection stands */
  readonly #unread = new Set<number>();
  readonly #liveHosts = new LiveHosts();
  /** names this process */
  readonly #token = randomUUID();

  /** Connects at once, and again whenever the connection is lost, until `close`. */
  constructor(spec: StoreSpec, listener: StoreListener) {
    this.#spec = spec;
    this.#listener = listener;
    this.#questions = new Questions({
      host: spec.host,
      ask: (message) => this.#link.call(this.#key(COMMON), ['PUBLISH', `${spec.prefix}:ask`, message]),
      answers: (id, read) => this.#run(SCRIPTS.answers, COMMON, id, String(read)),
    });
    this.#link = new Link({
      open: (onLost) => newClient(spec, onLost),
      prepare: (client) => this.#prepare(client),
      timeout: spec.timeout,
      turned: (isUp, reason) => this.#turned(isUp, reason),
    });
  }

  get roundTrip(): number | undefined {
    return this.#link.roundTrip;
  }

  async count(batch: Batch, rules: SharedRules): Promise<Counted> {
    const [before, isEmptied] = await this.#run(
      countScript(rules),
      batch.shard,
      ...countArguments(batch, rules, this.#spec.host),
    );
    return { before: natural(before), ...(isEmptied === '1' && { isEmptied: true }) };
  }

  async begin(generation: string): Promise<void> {
    await Promise.all(CLIENT_SHARDS.map((shard) => this.#run(SCRIPTS.begin, shard, generation)));
  }

  async publish(shard: number, change: AuditedChange, now: number): Promise<string> {
    const given = changeArguments(change, this.#spec.host, now);
    const [id = ''] = await this.#run(SCRIPTS.publish, shard, ...given);
    return id;
  }

  async read(shard: number, after: string): Promise<StreamPart> {
    const from = this.#unread.has(shard) ? withOverlap(after) : after;
    const [isComplete, ...values] = await this.#run(SCRIPTS.read, shard, from, String(MAX_ENTRIES));
    this.#unread.delete(shard);
    const entries: StreamEntry[] = [];
    let last = after;
    let unknown = 0;
    for (let i = 0; i + FIELDS <= values.length; i += FIELDS) {
      const [id = '', host = '', text = ''] = values.slice(i, i + FIELDS);
      const shared = sharedChangeOf(shard, host, text);
      if (typeof shared !== 'string') entries.push({ id, ...shared });
      else if (shared === 'newer') unknown++;
      last = id;
    }
    return { entries, isComplete: isComplete === '1', last, unknown };
  }

  async readAll(shard: number, take: (change: SharedChange) => void): Promise<string> {
    let first: string | undefined;
    let cursor = '0';
    do {
      const [next = '0', last = '', ...values] = await this.#run(SCRIPTS.readAll, shard, cursor);
      // What changes meanwhile stands in the stream behind this ID.
      first ??= last;
      for (let i = 0; i + FIELDS <= values.length; i += FIELDS)
        for (const change of knownOf(shard, values.slice(i, i + FIELDS))) take(change);
      cursor = next;
    } while (cursor !== '0');
    return first;
  }

  async report(report: Omit<HostReport, 'seen' | 'host'>) {
    const given = [this.#spec.host, this.#token, JSON.stringify(report), randomUUID()];
    const [generation = '', time, isTaken, count] = await this.#run(SCRIPTS.report, COMMON, ...given);
    this.#liveHosts.seen(generation, natural(count));
    return { generation, time: natural(time), isTaken: isTaken === '1' };
  }

  async repeated(): Promise<void> {
    const given = [this.#spec.host, String(this.#liveHosts.count)];
    this.#liveHosts.repeated();
    await Promise.all(CLIENT_SHARDS.map((shard) => this.#run(SCRIPTS.repeated, shard, ...given)));
  }

  async leave(): Promise<void> {
    await this.#run(SCRIPTS.leave, COMMON, this.#spec.host, this.#token);
  }

  async hosts(): Promise<readonly HostReport[]> {
    const values = await this.#run(SCRIPTS.hosts, COMMON);
    const reports: HostReport[] = [];
    for (let i = 0; i + 1 < values.length; i += 2) {
      const report = hostReportOf(values[i] ?? '', values[i + 1] ?? '');
      if (report !== undefined) reports.push(report);
    }
    return reports;
  }

  async ask(
    question: string,
    ms: number,
    expected: ReadonlySet<string>,
  ): Promise<ReadonlyMap<string, string>> {
    return this.#questions.ask(question, ms, expected);
  }

  async close(): Promise<void> {
    this.#link.close();
  }

  #turned(isUp: boolean, reason: string | undefined): void {
    if (isUp) for (const shard of SHARD_NUMBERS) this.#unread.add(shard);
    this.#listener.connection(isUp, reason);
  }

  #key(shard: number): string {
    return `${this.#spec.prefix}:{pb:${shard}}`;
  }

  /** A write to each node shows that it counts. */
  async #prepare(client: ServerClient): Promise<void> {
    const { prefix, host, kind } = this.#spec;
    const heard = (message: string, channel: string) => this.#heard(message, channel);
    await client.subscribe([`${prefix}:wake`, `${prefix}:ask`, `${prefix}:answers:${host}`], heard);
    const shards = kind === 'cluster' ? SHARD_NUMBERS : [COMMON];
    await Promise.all(
      shards.map((shard) => {
        const key = `${this.#key(shard)}:p`;
        return client.send(key, ['SET', key, '1', 'PX', String(PROBE_KEPT)]);
      }),
    );
  }

  #heard(message: string, channel: string): void {
    const { prefix } = this.#spec;
    if (channel === `${prefix}:ask`) this.#asked(message);
    else if (channel !== `${prefix}:wake`) this.#questions.answered(message);
    else if (SHARD_NAMES.has(message)) this.#listener.changed(Number(message));
  }

  #asked(message: string): void {
    const question = questionOf(message);
    if (question === undefined || question.from === this.#spec.host) return;
    const { id, from, text } = question;
    this.#listener.asked(text, (answer) => {
      if (Buffer.byteLength(answer) > MAX_MESSAGE) return;
      // A host whose answer does not come is named by the one that asks.
      this.#run(SCRIPTS.answer, COMMON, id, this.#spec.host, from, answer).catch(() => {});
    });
  }

  /** Runs a script, which the server gets where it does not know it. */
  async #run(script: Script, shard: number, ...given: readonly string[]): Promise<readonly string[]> {
    const key = this.#key(shard);
    const rest = ['1', key, ...given];
    try {
      return this.#checked(await this.#link.call(key, ['EVALSHA', script.digest, ...rest]));
    } catch (error) {
      if (!(error instanceof StoreError) || !error.message.startsWith('NOSCRIPT')) throw error;
      return this.#checked(await this.#link.call(key, ['EVAL', script.text, ...rest]));
    }
  }

  #checked(reply: unknown): readonly string[] {
    const [setAside, values] = Array.isArray(reply) ? reply : [];
    if (!areTexts(setAside) || !areTexts(values))
      throw new StoreError('wrong', 'the server gives an answer of an unknown form');
    for (let i = 0; i + 1 < setAside.length; i += 2)
      this.#listener.setAside(setAside[i] ?? '', setAside[i + 1] ?? '');
    return values;
  }
}

function knownOf(shard: number, [form, name = '', text = '']: readonly string[]): readonly SharedChange[] {
  if (form === 'c') return changesOfState(shard, text);
  const shared = sharedChangeOf(shard, name, text);
  return typeof shared === 'string' ? [] : [shared];
}

/**
 * A server that took over from another can have lost the last entries, and give new ones lower IDs than these had: after
 * each connection, a reading begins somewhat earlier. A change that comes again changes nothing.
 */
function withOverlap(after: string): string {
  const time = Number.parseInt(after, 10);
  return time > OVERLAP ? `${time - OVERLAP}-0` : after;
}

function natural(text: string | undefined): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new StoreError('wrong', 'the server gives a number of an unknown form');
  return value;
}

function areTexts(values: unknown): values is readonly string[] {
  return Array.isArray(values) && values.every((value) => typeof value === 'string');
}
