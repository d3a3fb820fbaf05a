// Clients that spread what they do over hosts that share, and what every host must then hold, computed simply.

import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { ask } from '../../src/cli/client.ts';
import type { AllowedAnswer, GracesAnswer, ListAnswer } from '../../src/desk/answers.ts';
import type { RequestBody } from '../../src/desk/protocol.ts';
import { shardOf } from '../../src/sharing/shard.ts';
import { HOUR } from '../../src/values/duration.ts';
import type { SharingDaemon } from '../harness/sharing-daemon.ts';
import { until } from '../harness/until.ts';
import { acceptedMessage, authFailure, rejectedMessage, rejectedRecipient } from '../service/mail.ts';
import { iso } from './oracle.ts';
import type { Site } from './sharing-site.ts';

/** ms in which an event is counted, and its block comes to all hosts */
const BREATH = 300;

interface Rule {
  readonly name: string;
  readonly limit: number;
  /** ms */
  readonly blockFor: number;
  readonly lines: (ip: string, at: number) => readonly string[];
}

/** Blocks that stay, blocks that end while the test runs, and blocks of clients that send good mail too. */
const LONG: Rule = { name: 'long', limit: 5, blockFor: 48 * HOUR, lines: rejectedRecipient };
const SHORT: Rule = { name: 'short', limit: 4, blockFor: 2000, lines: authFailure };
const SHARE: Rule = { name: 'share', limit: 3, blockFor: 48 * HOUR, lines: rejectedMessage };

/** Messages of a client that sends good mail, and rejected ones that are 30 % of all. */
const GOOD = 20;
const MOST_SPARED = 8;
/** Rejected messages on one host: with more it would block the client while it decides alone. */
const MOST_ALONE = 2;

export const RULES_TEXT = [
  `  long: {counts: rejected-recipient, limit: ${LONG.limit}, within: 24h, block-for: 48h, message: No.}\n`,
  `  short: {counts: auth-failure, limit: ${SHORT.limit}, within: 24h, block-for: 2s, message: No.}\n`,
  `  share: {counts: rejected-message, limit: ${SHARE.limit}, within: 24h, block-for: 48h, share: 30%, message: No.}\n`,
].join('');

type Random = (below: number) => number;

/** `due`: a block must come. `blocked`: it is on all hosts. `changed`: by hand, not on all hosts yet. */
type State = 'counting' | 'due' | 'blocked' | 'changed' | 'graced' | 'allowed' | 'good';

interface Client {
  readonly ip: string;
  readonly rule: Rule;
  state: State;
  /** what it becomes when a change by hand is on all hosts */
  next: State;
  /** times of what counts since its last block */
  events: number[];
  /** what it did since its last block, for the report of a failure */
  history: string[];
  /** the block that must stand on every host */
  block: string | undefined;
  /** lines about it in the trail of every host */
  readonly trail: string[];
  /** of a client with good mail: the host that has it, and rejected messages by host */
  home: SharingDaemon | undefined;
  readonly rejected: Map<SharingDaemon, number>;
}

export class SharedClients {
  readonly #site: Site;
  readonly #random: Random;
  readonly #clients: Client[] = [];
  #addresses = 0;
  #processes = 5000;
  #last = 0;
  events = 0;
  actions = 0;
  /** The server does not know what clients did well, until the host that saw it has said so again. */
  isGoodLost = false;

  constructor(site: Site, random: Random) {
    this.#site = site;
    this.#random = random;
  }

  get blocks(): number {
    return this.#clients.reduce(
      (sum, { trail }) => sum + trail.filter((line) => line.startsWith('block')).length,
      0,
    );
  }

  /** Adds clients that have done nothing yet. */
  add(count: number): void {
    for (let left = count; left > 0; left--) this.#client(this.#random(2) === 0 ? LONG : SHORT);
  }

  /** Adds a client that sends good mail through one host. All such clients are in one shard. */
  async addGood(): Promise<void> {
    const client = this.#client(SHARE, 0);
    client.state = 'good';
    const home = this.#site.anyHost(this.#random);
    client.home = home;
    for (let left = GOOD; left > 0; left--) {
      const at = this.#now();
      home.append(...acceptedMessage(client.ip, ++this.#processes, at));
    }
    await this.#counted(home, 0);
  }

  /** One event of a client, on some host. */
  abuse(): void {
    const client = this.#pick(this.#clients);
    if (client === undefined || client.state === 'due' || client.state === 'changed') return;
    const host = this.#site.anyHost(this.#random);
    if (client.state !== 'good') this.#write(client, host);
    else if (!this.isGoodLost && client.events.length < MOST_SPARED && this.#mayReject(client, host))
      this.#write(client, host);
  }

  /** One change by hand, on some host that runs. */
  async act(): Promise<void> {
    this.actions++;
    const host = this.#site.someHost(this.#random);
    const dice = this.#random(10);
    if (dice < 5) return await this.#unblock(host);
    if (dice < 7) return await this.#block(host);
    return dice < 9 ? await this.#allow(host) : await this.#disallow(host);
  }

  rotate(): void {
    this.#site.rotate(this.#site.anyHost(this.#random));
  }

  /** Waits until every host holds what it must. @returns ms that it took */
  async agreed(patience: number): Promise<number> {
    const begun = Date.now();
    let why = '';
    await until(
      'all hosts to agree',
      async () => {
        why = await this.#difference();
        return why === '';
      },
      patience,
    ).catch((error: unknown) => {
      throw new Error(`${error}: ${why}`);
    });
    const took = Date.now() - begun;
    for (const client of this.#clients) this.#settle(client);
    return took;
  }

  /** After a loss a client is judged at its next event: those that wait for their block go on until it comes. */
  async insist(patience: number): Promise<void> {
    await this.#live(patience);
    const [host] = this.#site.hosts;
    if (host === undefined) return;
    let open: readonly Client[] = [];
    const told = () =>
      open.map(({ ip, history }) => `${ip} (${history.slice(0, MOST_SPARED).join(', ')})`).join('; ');
    await until('the blocks that are due', async () => {
      open = this.#clients.filter((client) => client.state === 'due' && this.#sinceOf(client) === undefined);
      for (const client of open) this.#write(client, host);
      await delay(open.length > 0 ? BREATH : 0);
      return open.length === 0;
    }).catch((error: unknown) => {
      throw new Error(`${error}: ${told()}`);
    });
  }

  /** Completes every client that is below its limit: nothing is lost, and nothing was counted twice. */
  async complete(patience: number): Promise<void> {
    await this.#site.settled(patience);
    for (const client of this.#clients.filter(({ state }) => state === 'counting'))
      while (client.state === 'counting') this.#write(client, this.#site.anyHost(this.#random));
    await this.#completeGood(patience);
    await this.agreed(patience);
  }

  /** Compares the trails of all hosts and all verdicts. */
  async expectExact(what: string): Promise<void> {
    for (const host of this.#site.hosts) {
      const trail = trailOf(host);
      for (const { ip, trail: expected } of this.#clients)
        expect(trail.get(ip) ?? [], `${what}: trail of ${ip} on ${host.host}`).to.deep.equal(expected);
      for (const { ip, block } of this.#clients) {
        const verdict = block === undefined ? 'action=DUNNO' : 'action=REJECT No.';
        expect(await host.verdict(ip), `${what}: verdict about ${ip} on ${host.host}`).to.equal(verdict);
      }
    }
  }

  #client(rule: Rule, shard?: number): Client {
    let ip = '';
    do ip = `198.${18 + (this.#addresses >> 16)}.${(this.#addresses >> 8) & 255}.${++this.#addresses & 255}`;
    while (shard !== undefined && shardOf(ip) !== shard);
    const client: Client = {
      ip,
      rule,
      state: 'counting',
      next: 'counting',
      events: [],
      history: [],
      block: undefined,
      trail: [],
      home: undefined,
      rejected: new Map(),
    };
    this.#clients.push(client);
    return client;
  }

  #now(): number {
    this.#last = Math.max(this.#last + 1, Date.now());
    return this.#last;
  }

  #write(client: Client, host: SharingDaemon): void {
    const { ip, rule, state, events } = client;
    const at = this.#now();
    this.events++;
    host.append(...rule.lines(ip, at));
    if (state === 'good') client.rejected.set(host, (client.rejected.get(host) ?? 0) + 1);
    if (state === 'counting' || state === 'good' || state === 'due') events.push(at);
    client.history.push(`${iso(at)} on ${host.host}`);
    if (state === 'counting' && events.length === rule.limit) client.state = 'due';
  }

  #mayReject({ home, rejected }: Client, host: SharingDaemon): boolean {
    return host === home || (rejected.get(host) ?? 0) < MOST_ALONE;
  }

  #pick(clients: readonly Client[]): Client | undefined {
    return clients[this.#random(Math.max(1, clients.length))];
  }

  #blocked(): Client | undefined {
    return this.#pick(this.#clients.filter(({ state, rule }) => state === 'blocked' && rule !== SHORT));
  }

  async #unblock(host: SharingDaemon): Promise<void> {
    const client = this.#blocked();
    if (client === undefined) return;
    const isGraced = this.#random(3) === 0;
    await this.#ask(host, { command: 'unblock', ip: client.ip, ...(isGraced && { duration: HOUR }) });
    const block = client.trail.findLast((line) => line.startsWith('block')) ?? '';
    client.trail.push(`${block.replace('block', 'end')} lifted`);
    this.#change(client, isGraced ? 'graced' : 'counting');
  }

  async #block(host: SharingDaemon): Promise<void> {
    const client = this.#client(LONG);
    await this.#ask(host, { command: 'block', ip: client.ip, rule: client.rule.name, duration: HOUR });
    const entry = host.audit().findLast(({ ip, event }) => ip === client.ip && event === 'block');
    client.trail.push(`block ${entry?.rule} ${entry?.at}`);
    this.#change(client, 'blocked');
    client.block = `${entry?.rule} ${entry?.at} ${entry?.until}`;
  }

  async #allow(host: SharingDaemon): Promise<void> {
    const client = this.#client(LONG);
    await this.#ask(host, { command: 'allow', ip: client.ip, duration: HOUR });
    this.#change(client, 'allowed');
  }

  async #disallow(host: SharingDaemon): Promise<void> {
    const client = this.#pick(this.#clients.filter(({ state }) => state === 'allowed'));
    if (client === undefined) return;
    await this.#ask(host, { command: 'disallow', ip: client.ip });
    this.#change(client, 'counting');
  }

  #change(client: Client, next: State): void {
    client.state = 'changed';
    client.next = next;
    client.events = [];
    client.block = undefined;
  }

  async #ask(host: SharingDaemon, request: RequestBody): Promise<void> {
    await ask(host.state, { ...request, by: 'alice', reason: `ticket ${this.actions}` });
    // Stamps and manual actions differ by a millisecond at least.
    this.#last = Math.max(this.#last, Date.now() + 1);
  }

  /** What is not as it must be; empty for nothing. */
  async #difference(): Promise<string> {
    for (const client of this.#clients) if (client.state === 'due') this.#find(client);
    for (const host of this.#site.hosts) {
      const why = await this.#differenceOn(host).catch(String);
      if (why !== '') return `${host.host}: ${why}`;
    }
    return '';
  }

  /** The block that is due, as the first host has it: it started with an event that reached the limit. */
  #find(client: Client): void {
    const since = this.#sinceOf(client);
    if (since === undefined) return;
    const { name, blockFor } = client.rule;
    client.block = `${name} ${iso(since)} ${iso(since + blockFor)}`;
  }

  #sinceOf({ ip, rule, events }: Client): number | undefined {
    const trail = trailOf(this.#site.hosts[0]).get(ip) ?? [];
    return events.slice(rule.limit - 1).find((at) => trail.includes(`block ${rule.name} ${iso(at)}`));
  }

  async #live(patience: number): Promise<void> {
    for (const host of this.#site.hosts)
      await until(`${host.host} to be live`, () => host.isLive().catch(() => false), patience);
  }

  async #differenceOn(host: SharingDaemon): Promise<string> {
    if (!(await host.isLive())) return 'not live';
    const { blocks } = await ask<ListAnswer>(host.state, { command: 'list' });
    const standing = new Map(
      blocks.map(({ ip, rule, since, until: end }) => [ip, `${rule} ${since} ${end}`]),
    );
    const { graces } = await ask<GracesAnswer>(host.state, { command: 'list', graces: true });
    const { allowed } = await ask<AllowedAnswer>(host.state, { command: 'list', allowed: true });
    const graced = new Set(graces.map(({ ip }) => ip));
    const covered = new Set(allowed.map(({ ip }) => ip));
    const trail = trailOf(host);
    for (const client of this.#clients) {
      const { ip, rule, state, next, block } = client;
      const known = standing.get(ip);
      const says = (what: string) => `${ip} ${rule.name} ${state}: ${what}`;
      if (state === 'due' && block === undefined)
        return says(`its block has not come: ${client.history.join(', ')}`);
      if (rule === SHORT) {
        const missing = state === 'due' && shortLines(block).find((line) => !trail.get(ip)?.includes(line));
        if (missing) return says(`the trail lacks ${missing}`);
        if (known !== undefined && !client.trail.some((line) => known.startsWith(line.slice(6)))) {
          if (state !== 'due') throw new Error(says(`unexpected block ${known}`));
        }
      } else if (known !== block) {
        return says(`block ${known} instead of ${block}`);
      }
      if (graced.has(ip) !== ((state === 'changed' ? next : state) === 'graced')) return says('grace');
      if (covered.has(ip) !== ((state === 'changed' ? next : state) === 'allowed'))
        return says('allow entry');
    }
    return '';
  }

  /** All hosts agree about a client. */
  #settle(client: Client): void {
    const { rule, state, next, block = '' } = client;
    if (state === 'changed') client.state = next;
    if (state !== 'due') return;
    client.trail.push(
      ...(rule === SHORT ? shortLines(block) : [`block ${block.split(' ').slice(0, 2).join(' ')}`]),
    );
    const [, , ends = ''] = block.split(' ');
    // What it did before anyone knew of a block that was over by then.
    client.events = client.events.filter((at) => at >= Date.parse(ends));
    client.history = [];
    client.state = rule === SHORT ? 'counting' : 'blocked';
    if (rule === SHORT) client.block = undefined;
  }

  /** Resolves when the server has counted what a host wrote about the clients of a shard. */
  async #counted(host: SharingDaemon, shard: number): Promise<void> {
    const client = this.#client(LONG, shard);
    while (client.state === 'counting') this.#write(client, host);
    await until('a block', () => trailOf(host).has(client.ip));
  }

  /** One rejected message more than is spared blocks a client. */
  async #completeGood(patience: number): Promise<void> {
    const good = this.#clients.filter(({ state }) => state === 'good');
    for (const client of good)
      while (client.events.length < MOST_SPARED)
        this.#write(client, client.home ?? this.#site.anyHost(this.#random));
    for (const host of this.#site.hosts) await this.#counted(host, 0);
    await this.agreed(patience);
    for (const client of good) {
      this.#write(client, this.#site.anyHost(this.#random));
      client.events = client.events.slice(-SHARE.limit);
      client.state = 'due';
    }
  }
}

function shortLines(block = ''): readonly string[] {
  const [rule, since] = block.split(' ');
  return [`block ${rule} ${since}`, `end ${rule} ${since} expired`];
}

/** The lines of the audit trail about blocks, by client. */
function trailOf(host: SharingDaemon | undefined): Map<string, string[]> {
  const trail = new Map<string, string[]>();
  for (const { ip, event, rule, at, since, reason } of host?.audit() ?? []) {
    if (event !== 'block' && event !== 'end') continue;
    const lines = trail.get(String(ip)) ?? [];
    trail.set(String(ip), lines);
    lines.push(event === 'block' ? `block ${rule} ${at}` : `end ${rule} ${since} ${reason}`);
  }
  return trail;
}
