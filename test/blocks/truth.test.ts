// The audit trail and what it tells of are one, over crashes, reloads and acts by hand at any moment.

import { expect } from 'chai';
import fc from 'fast-check';
import type { AuditEntry } from '../../src/state/audit.ts';
import { isoText } from '../../src/values/iso-time.ts';
import { scaled } from '../harness/scale.ts';
import { START, termsOf } from './blocks-fixture.ts';
import { type Act, Host, type Line } from './history.ts';
import { acted, gap, logged, RULES, read, simple } from './steps.ts';

/** What the administrator reloads. */
const POLICIES = [
  termsOf({ rules: RULES }),
  termsOf({ rules: RULES.map((rule) => ({ ...rule, enforce: !rule.enforce })), ipv6Prefix: 48 }),
  termsOf({ rules: RULES.slice(0, 2), allow: ['192.0.2.2'], ipv6Prefix: 128 }),
];

const reloaded = fc.record({ type: fc.constant('reload' as const), policy: fc.nat(POLICIES.length - 1) });
const step = fc.oneof(
  { weight: 8, arbitrary: logged },
  { weight: 4, arbitrary: read },
  { weight: 4, arbitrary: acted },
  { weight: 3, arbitrary: simple },
  { weight: 1, arbitrary: reloaded },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('crash' as const) }) },
);
const history = fc.array(fc.record({ gap, step }), { maxLength: 60 });

type Steps = typeof history extends fc.Arbitrary<infer T> ? T : never;

/** What stands by the end of a trail; and what is wrong with the trail itself. */
class TrailContent {
  /** by client, and of a watched block by its rule too */
  readonly blocks = new Map<string, AuditEntry>();
  readonly allowed = new Map<string, AuditEntry>();
  readonly graces = new Map<string, AuditEntry>();
  readonly mistakes: string[] = [];

  constructor(entries: readonly AuditEntry[]) {
    for (const entry of entries) this.#take(entry);
  }

  #take(entry: AuditEntry): void {
    const { event, ip } = entry;
    if (event === 'spared') return;
    if (event === 'grace') this.graces.set(ip, entry);
    else if (event === 'allow') this.allowed.set(ip, entry);
    else if (event === 'disallow') {
      if (!this.allowed.delete(ip)) this.mistakes.push(`${ip} was not allowed`);
    } else this.#takeBlock(entry);
  }

  #takeBlock(entry: AuditEntry): void {
    const { event, ip, rule, enforced, at, since = '' } = entry;
    const whose = enforced ? ip : `${ip} ${rule}`;
    const running = this.blocks.get(whose);
    if (event === 'block') {
      if (running !== undefined) this.mistakes.push(`${whose} is blocked twice, at ${running.at} and ${at}`);
      this.blocks.set(whose, entry);
      return;
    }
    if (running?.rule !== rule || running?.at !== since)
      this.mistakes.push(`the block of ${whose} that ends had begun at ${running?.at}, not at ${since}`);
    if (at < since) this.mistakes.push(`${whose} ends at ${at}, before it began at ${since}`);
    this.blocks.delete(whose);
  }
}

/** Lines that an act leaves in the trail, by what the command said. */
function linesOf({ what, ...act }: Act, said: unknown): number {
  if (!Array.isArray(said)) return said === true ? 1 : 0;
  return said.length + ('grace' in act && act.grace !== undefined ? 1 : 0);
}

/** What stands, in the words of the trail. */
function standing({ blocks }: Host): Record<string, string> {
  const lines: Record<string, string> = {};
  for (const { key, block, watches = [] } of blocks.table.pinnedRecords()) {
    if (block !== undefined) lines[key] = `${block.rule} ${isoText(block.since)} ${isoText(block.until)}`;
    for (const { rule, since, until, ended } of watches)
      if (!ended) lines[`${key} ${rule}`] = `${rule} ${isoText(since)} ${isoText(until)}`;
  }
  return lines;
}

function graces({ blocks }: Host, now: number): Record<string, string> {
  const lines: Record<string, string> = {};
  const walk = blocks.table.walk(({ key, grace }) => {
    if (grace > START + now) lines[key] = isoText(grace);
  });
  while (walk.step(100));
  return lines;
}

/** Goes through a history. @returns its end, in ms after START, and how many lines of the trail it was told were written */
function lived(host: Host, log: Line[], steps: Steps): { now: number; lines: number } {
  let now = 0;
  let lines = 0;
  for (const { gap, step } of steps) {
    now += gap;
    if (step.type === 'log') log.push({ ...step, time: Math.max(0, now - step.lag) });
    else if (step.type === 'read') host.read(host.position + step.count, now);
    else if (step.type === 'act') lines += linesOf(step.act, host.act(step.act, now));
    else if (step.type === 'reload') host.reload(policyOf(step.policy), now);
    else host[step.type](now);
  }
  host.read(log.length, now);
  host.tick(now);
  host.flush();
  return { now, lines };
}

const policyOf = (number: number) => POLICIES[number] ?? termsOf();

function texts(entries: ReadonlyMap<string, AuditEntry>, text: (entry: AuditEntry) => string | undefined) {
  return Object.fromEntries([...entries].map(([key, entry]) => [key, text(entry)]));
}

describe('blocks/truth: the audit trail', () => {
  it('tells what stands, whatever was read, done, reloaded, saved and killed in between', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const log: Line[] = [];
        const host = new Host(policyOf(0), log);
        const { now, lines } = lived(host, log, steps);
        const content = new TrailContent(host.entries);
        expect(content.mistakes).to.deep.equal([]);
        expect(standing(host)).to.deep.equal(
          texts(content.blocks, ({ rule, at, until }) => `${rule} ${at} ${until}`),
        );
        const allowed = host.blocks.allowEntries.saved.map(({ entry, until }) => [entry, until]);
        expect(Object.fromEntries(allowed)).to.deep.equal(texts(content.allowed, ({ until }) => until));
        const given = [...content.graces].filter(([, { until = '' }]) => until > isoText(START + now));
        expect(graces(host, now)).to.deep.equal(texts(new Map(given), ({ until }) => until));
        expect(host.entries.filter(({ by }) => by !== undefined)).to.have.lengthOf(lines);
      }),
      { numRuns: scaled(1000) },
    );
  });
});
