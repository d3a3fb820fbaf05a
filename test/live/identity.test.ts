// The identity of events: a line gives its events the same numbers whenever and in whatever order it is read again.

import { expect } from 'chai';
import fc from 'fast-check';
import type { LogRecord } from '../../src/maillog/syslog/record.ts';
import { MINUTE } from '../../src/values/duration.ts';
import { termsOf } from '../blocks/blocks-fixture.ts';
import { scaled } from '../harness/scale.ts';
import { START } from '../maillog/log.ts';
import { Host, type IdentifiedEvent, type Stopped } from './host.ts';

const SOURCES = ['log-0', 'log-1'];
/** Later than every stamp of these logs. */
const END = START + 1000 * MINUTE;

/** Messages of smtpd by what they do to its session. */
const MESSAGES = {
  connect: 'connect from unknown[IP]',
  drop: 'too many errors after RCPT from unknown[IP]',
  disconnect: 'disconnect from unknown[IP] ehlo=1 mail=1 rcpt=0/20 commands=2/22',
  'refused-logins': 'disconnect from unknown[IP] ehlo=1 auth=0/3 commands=1/4',
  login: 'warning: unknown[IP]: SASL LOGIN authentication failed: UGFzc3dvcmQ6',
  recipient:
    'NOQUEUE: reject: RCPT from unknown[IP]: 550 5.1.1 <b@example.net>: User unknown; from=<a@example.org> to=<b@example.net> proto=ESMTP helo=<x>',
} as const;

type What = keyof typeof MESSAGES;

/** A line of one source, `gap` ms after the one before. Both sources log the same processes. */
interface Step {
  readonly gap: number;
  readonly source: number;
  readonly process: number;
  readonly what: What;
  readonly repeat: number;
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    gap: fc.constantFrom(0, 0, 1, MINUTE),
    source: fc.nat(1),
    process: fc.nat(1),
    what: fc.constantFrom(...(Object.keys(MESSAGES) as What[])),
    repeat: fc.constantFrom(1, 1, 1, 3),
  }),
  { minLength: 1, maxLength: 60, size: 'max' },
);

function line(at: number, process: number, what: What, repeat = 1): LogRecord {
  const message = MESSAGES[what].replace('IP', `192.0.2.${process}`);
  return { at, program: 'smtpd', process: `mx1 postfix/smtpd[${process}`, message, repeat };
}

/** The lines of each source. */
function linesOf(log: readonly Step[]): LogRecord[][] {
  const lines: LogRecord[][] = SOURCES.map(() => []);
  let at = START;
  for (const { gap, source, process, what, repeat } of log) {
    at += gap;
    lines[source]?.push(line(at, process, what, repeat));
  }
  return lines;
}

/** What is written at one time to each source, and the snapshot from which the daemon is then started after a kill. */
interface Portion {
  readonly lines: readonly (readonly LogRecord[])[];
  /** 0 for the first; undefined where the daemon is not killed */
  readonly kill?: number | undefined;
}

/** A daemon that writes a snapshot after each portion. */
class Killed {
  readonly host: Host;
  readonly #snapshots: { readonly stopped: Stopped; readonly events: number }[] = [];
  /** The events of each reading of the log, from the last start on. */
  readonly readings: IdentifiedEvent[][] = [];

  constructor(limit = 1) {
    const counts = ['auth-failure'] as const;
    const times = { within: MINUTE, blockFor: MINUTE };
    const rules = [{ name: 'rule', counts, limit, ...times, enforce: true, message: 'No.' }];
    this.host = new Host(termsOf({ rules }), SOURCES, END);
  }

  /** The events as a daemon has them that was never killed. */
  get events(): readonly IdentifiedEvent[] {
    return this.host.events;
  }

  async feed(portions: readonly Portion[]): Promise<this> {
    const { host } = this;
    await host.start();
    for (const { lines, kill } of portions) {
      for (const [source, more] of lines.entries()) host.logs[source]?.lines.push(...more);
      await host.read();
      if (kill !== undefined) await this.#restart(kill);
    }
    await host.read();
    await host.stop();
    this.readings.push([...host.events]);
    return this;
  }

  async #restart(kill: number): Promise<void> {
    const { host } = this;
    this.#snapshots.push({ stopped: await host.stop(), events: host.events.length });
    this.readings.push([...host.events]);
    this.#snapshots.length = (kill % this.#snapshots.length) + 1;
    const { stopped, events } = this.#snapshots.at(-1) ?? {};
    host.events.length = events ?? 0;
    await host.start(stopped);
  }
}

/** Portions in order of time: all lines up to some moments, so that the sources are always merged in one order. */
function inOrder(log: readonly Step[], cuts: readonly number[], kills: readonly number[]): Portion[] {
  const lines = linesOf(log);
  const stamps = [...new Set(lines.flat().map(({ at }) => at))].toSorted((a, b) => a - b);
  const ends = cuts.map((cut) => stamps[cut % stamps.length] ?? END).toSorted((a, b) => a - b);
  return [...ends, END].map((end, i) => {
    const from = ends[i - 1] ?? 0;
    return { lines: lines.map((all) => all.filter(({ at }) => at > from && at <= end)), kill: kills[i] };
  });
}

/** Portions in which either source may be late: so many lines of each. */
function inAnyOrder(
  log: readonly Step[],
  cuts: readonly (readonly [number, number])[],
  kills: readonly number[],
) {
  const rest = linesOf(log);
  const portions = cuts.map((counts, i): Portion => {
    return { lines: rest.map((all, source) => all.splice(0, counts[source])), kill: kills[i] };
  });
  return [...portions, { lines: rest }];
}

function textOf({ event, identity }: IdentifiedEvent): string {
  return JSON.stringify([event, identity]);
}

/** The place of each event: its source, its line there, and its number among the events of that line. */
function placesOf({ logs }: Host, events: readonly IdentifiedEvent[]): string[] {
  let before: LogRecord | undefined;
  let index = 0;
  return events.map(({ record }) => {
    index = record === before ? index + 1 : 0;
    before = record;
    const source = logs.findIndex((log) => log.lines.includes(record));
    return `${source} ${logs[source]?.lines.indexOf(record)} ${index}`;
  });
}

const kills = fc.array(fc.nat(20), { maxLength: 8, size: 'max' });
const someCuts = fc.array(fc.nat(60), { minLength: 8, maxLength: 8 });
const manyCuts = fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { minLength: 8, maxLength: 8 });

describe('live: the identity of an event', () => {
  it('is the same after kills, from any snapshot and by any policy, as if the daemon had never ended', async () => {
    await fc.assert(
      fc.asyncProperty(steps, someCuts, kills, async (log, cuts, when) => {
        const { events } = await new Killed().feed(inOrder(log, cuts, []));
        const again = await new Killed(1000).feed(inOrder(log, cuts, when));
        expect(again.events.map(textOf)).to.deep.equal(events.map(textOf));
      }),
      { numRuns: scaled(100) },
    );
  });

  it('belongs to its line alone, in whatever order the lines of two sources are read and read again', async () => {
    await fc.assert(
      fc.asyncProperty(steps, manyCuts, kills, async (log, cuts, when) => {
        const { host, readings } = await new Killed().feed(inAnyOrder(log, cuts, when));
        const byIdentity = new Map<string, string>();
        const byPlace = new Map<string, string>();
        for (const events of readings) {
          for (const [i, place] of placesOf(host, events).entries()) {
            const identity = JSON.stringify(events[i]?.identity);
            expect(byIdentity.get(identity) ?? place, identity).to.equal(place);
            expect(byPlace.get(place) ?? identity, place).to.equal(identity);
            byIdentity.set(identity, place);
            byPlace.set(place, identity);
          }
        }
      }),
      { numRuns: scaled(100) },
    );
  });

  it('rises in the order of its source', async () => {
    await fc.assert(
      fc.asyncProperty(steps, manyCuts, kills, async (log, cuts, when) => {
        const { events } = await new Killed().feed(inAnyOrder(log, cuts, when));
        for (const name of SOURCES) {
          const own = events.filter(({ identity }) => identity.source === name);
          const numbers = own.map(({ identity }) => identity.number);
          expect(numbers).to.deep.equal([...new Set(numbers)].toSorted((a, b) => a - b));
        }
      }),
      { numRuns: scaled(50) },
    );
  });

  it('stays where the lines of another source, in another order, make another line give an event', async () => {
    const first = [line(START, 1, 'connect'), line(START + 2, 1, 'disconnect'), line(START + 3, 1, 'login')];
    const late = [line(START + 1, 1, 'drop')];
    const killed = await new Killed().feed([
      { lines: [[], []], kill: 0 },
      { lines: [first, []] },
      { lines: [[], late], kill: 0 },
    ]);
    const [, before = [], after = []] = killed.readings;
    const kindsOf = (events: readonly IdentifiedEvent[]) => events.map(({ event }) => event.kind);
    expect(kindsOf(before)).to.deep.equal(['auth-failure']);
    expect(kindsOf(after)).to.deep.equal(['dropped-connection', 'auth-failure']);
    expect(after.at(-1)?.identity).to.deep.equal(before[0]?.identity);
  });
});
