// Repeated blocks last longer: over ends, lifts, evictions, changes of the policy, and crashes.

import { expect } from 'chai';
import { DAY, HOUR } from '../../src/values/duration.ts';
import { AUTH, type Policy, START, termsOf } from './blocks-fixture.ts';
import { type Act, Host, type Line } from './history.ts';

const IP = '192.0.2.1';
const REPEATING = { ...AUTH, repeat: { within: 30 * DAY, factor: 2, most: 10 * HOUR } };
const WATCHING = { ...REPEATING, enforce: false };
const TERMS = termsOf({ rules: [REPEATING] });

const hand = { by: 'alice', why: 'ticket 4711' };
const unblock: Act = { what: 'unblock', client: IP, grace: undefined };

/** A daemon that reads the failures of a client as they are logged. */
class Repeating {
  readonly #log: Line[] = [];
  readonly host: Host;

  constructor(policy: Policy = {}) {
    this.host = new Host(termsOf({ rules: [REPEATING], ...policy }), this.#log);
  }

  /** Three failures at a time (ms after START), and whatever ends by then. */
  fail(time: number, client = IP): this {
    for (let i = 0; i < 3; i++) this.#log.push({ client, kind: 'auth-failure', time });
    this.host.read(this.#log.length, time);
    this.host.tick(time);
    return this;
  }

  /** How long each block lasts, in hours, as the audit trail says. */
  get hours(): readonly number[] {
    this.host.flush();
    return this.host.entries
      .filter(({ event }) => event === 'block')
      .map(({ at, until = at }) => (Date.parse(until) - Date.parse(at)) / HOUR);
  }

  /** kill -9 and a start, and the log read again to its end. */
  crash(time: number): this {
    this.host.crash(time);
    this.host.read(this.#log.length, time);
    this.host.tick(time);
    return this;
  }
}

describe('blocks/repeat: each further block', () => {
  it('lasts longer, up to the maximum', () => {
    const client = new Repeating();
    for (let day = 0; day < 6; day++) client.fail(day * DAY);
    expect(client.hours).to.deep.equal([1, 2, 4, 8, 10, 10]);
  });

  it('lasts as long as the first where the former ones started the time or longer ago', () => {
    const client = new Repeating()
      .fail(0)
      .fail(1 * DAY)
      .fail(30 * DAY);
    expect(client.hours).to.deep.equal([1, 2, 2]);
    expect(client.fail(60 * DAY).hours.at(-1)).to.equal(1);
  });

  it('lasts as long as all others without `repeat`', () => {
    const client = new Repeating({ rules: [AUTH] }).fail(0).fail(DAY);
    expect(client.hours).to.deep.equal([1, 1]);
  });

  it('is not longer for other clients', () => {
    expect(new Repeating().fail(0).fail(DAY, '192.0.2.2').hours).to.deep.equal([1, 1]);
  });

  it('does not count a block that somebody lifted', () => {
    const client = new Repeating().fail(0).fail(DAY);
    client.host.act(unblock, DAY + 1);
    expect(client.fail(2 * DAY).hours).to.deep.equal([1, 2, 2]);
  });

  it('does not count a block that somebody lifted on another host', () => {
    const client = new Repeating().fail(0).fail(DAY);
    const times = { at: START + DAY + 1, since: START + DAY };
    const facts = { ip: IP, rule: 'auth', refused: 0, enforced: true };
    client.host.blocks.apply({ type: 'end', ...facts, ...times, reason: 'lifted', hand });
    expect(client.fail(2 * DAY).hours).to.deep.equal([1, 2, 2]);
    // Of two hosts that blocked it, the other one names its own block.
    const other = { at: START + 2 * DAY + 1, since: START + 2 * DAY - 5 };
    client.host.blocks.apply({ type: 'end', ...facts, ...other, reason: 'lifted', hand });
    expect(client.fail(3 * DAY).hours).to.deep.equal([1, 2, 2, 2]);
  });

  it('does not count a block by hand', () => {
    const client = new Repeating();
    client.host.act({ what: 'block', client: IP, rule: 'auth', length: HOUR }, 0);
    client.host.tick(2 * HOUR);
    expect(client.fail(DAY).hours).to.deep.equal([1, 1]);
  });

  it('does not count a block that an allow entry ended', () => {
    const client = new Repeating().fail(0);
    client.host.act({ what: 'allow', network: IP, length: HOUR }, 1);
    client.host.tick(2);
    expect(client.fail(DAY).hours).to.deep.equal([1, 1]);
  });

  it('counts watched blocks for watched ones alone', () => {
    const client = new Repeating({ rules: [WATCHING] }).fail(0).fail(DAY);
    client.host.reload(TERMS, DAY + 2 * HOUR);
    expect(client.fail(2 * DAY).hours).to.deep.equal([1, 2, 1]);
  });

  it('is counted although the client was silent for a long time in between', () => {
    const client = new Repeating().fail(0);
    for (let day = 1; day < 29; day++) client.host.tick(day * DAY);
    expect(client.fail(29 * DAY).hours).to.deep.equal([1, 2]);
  });

  it('costs nothing any more once it lengthens none', () => {
    const client = new Repeating().fail(0).fail(40 * DAY, '192.0.2.2');
    client.host.tick(40 * DAY);
    expect(client.host.blocks.table.get(IP)).to.equal(undefined);
  });

  it('lasts its longer time for an allow entry too', () => {
    const client = new Repeating().fail(0);
    client.host.act({ what: 'allow', network: IP, length: HOUR }, DAY + HOUR + 1);
    client.host.tick(DAY + 2 * HOUR + 1);
    // Read late: the block would have ended with the entry.
    expect(client.fail(DAY).hours).to.deep.equal([1]);
  });
});

describe('blocks/repeat: after a crash', () => {
  it('former blocks are known from the snapshot', () => {
    const client = new Repeating().fail(0).fail(DAY);
    client.host.tick(2 * DAY);
    client.host.snapshot();
    expect(client.crash(2 * DAY).fail(3 * DAY).hours).to.deep.equal([1, 2, 4]);
  });

  it('former blocks are known from the audit trail, lifted ones not', () => {
    const client = new Repeating()
      .fail(0)
      .fail(DAY)
      .fail(2 * DAY);
    client.host.act(unblock, 2 * DAY + 1);
    expect(client.crash(2 * DAY + 2).fail(3 * DAY).hours).to.deep.equal([1, 2, 4, 4]);
  });

  it('a block lasts the same, whether its line was on disk or not', () => {
    for (const isOnDisk of [true, false]) {
      const client = new Repeating().fail(0);
      client.host.flush();
      client.fail(DAY);
      if (isOnDisk) client.host.flush();
      expect(client.crash(DAY + 1).hours, String(isOnDisk)).to.deep.equal([1, 2]);
      const until = client.host.blocks.recordOf(IP)?.block?.until;
      expect(until).to.equal(START + DAY + 2 * HOUR);
    }
  });

  it('the lines that the snapshot includes change nothing', () => {
    const client = new Repeating()
      .fail(0)
      .fail(DAY)
      .fail(2 * DAY);
    client.host.act(unblock, 2 * DAY + 1);
    client.fail(3 * DAY);
    client.host.snapshot();
    const before = client.host.lines;
    for (let twice = 1; twice <= client.host.trail.length; twice++) {
      client.host.crash(3 * DAY, twice);
      expect(client.host.lines, `the last ${twice}`).to.deep.equal(before);
    }
  });
});

describe('blocks/repeat: a clock that is set back', () => {
  it('keeps former blocks from ahead as of now', () => {
    const { host } = new Repeating().fail(100 * DAY);
    host.tick(100 * DAY + 2 * HOUR);
    for (let i = 0; i < 3; i++)
      host.blocks.take({ kind: 'auth-failure', address: IP, at: START + i }, START + i);
    const block = host.blocks.recordOf(IP)?.block;
    expect(block?.until).to.equal(START + 2 + 2 * HOUR);
  });
});
