// The end of a log: blocks that expired by then are reported, others are not.

import { expect } from 'chai';
import type { AuditedChange } from '../../../src/blocks/changes.ts';
import { parseConfig } from '../../../src/config/config.ts';
import { termsOf } from '../../../src/config/terms.ts';
import { StampReader } from '../../../src/maillog/syslog/stamp.ts';
import { Replay } from '../../../src/replay/replay.ts';
import { parseLine } from '../../maillog/parse-line.ts';

const POLICY = `rules: {r: {counts: rejected-recipient, limit: 1, within: 1h, block-for: 10s, message: No.}}\n`;

/** The changes of a log with a rejected recipient, and lines of other clients, each so many seconds after it. */
function changesOf(...seconds: readonly number[]): string[] {
  const changes: AuditedChange[] = [];
  const { NEGATIVE_INFINITY: since, POSITIVE_INFINITY: until } = Number;
  const { config } = parseConfig(POLICY, '/policy.yml');
  if (config === undefined) throw new Error('mistakes in the policy');
  const terms = termsOf(config);
  const replay = new Replay({ terms, sweeps: [], since, until, onChange: (change) => changes.push(change) });
  const stamps = new StampReader();
  const start = Date.parse('2026-11-23T10:00:00.100Z');
  const take = (at: number, message: string) => {
    const record = parseLine(
      `${new Date(at).toISOString().slice(0, -1)}000+00:00 mx postfix/smtpd[1]: ${message}`,
      stamps,
      start,
    );
    if (record === undefined) throw new Error(message);
    replay.take(record);
  };
  take(start, 'NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 550 5.1.1 <x@y>: no such user; proto=SMTP');
  for (const after of seconds) take(start + 1000 * after, 'connect from unknown[192.0.2.2]');
  replay.report();
  return changes.map(({ type, at }) => `${type} ${(at - start) / 1000}`);
}

describe('replay/input/last-ends: the end of the log', () => {
  it('reports a block that expired before it, however shortly', () => {
    expect(changesOf(9.5, 10)).to.deep.equal(['block 0', 'end 10']);
    expect(changesOf(9.5, 10.2)).to.deep.equal(['block 0', 'end 10']);
  });

  it('reports no end after it', () => {
    expect(changesOf()).to.deep.equal(['block 0']);
    expect(changesOf(9.5, 9.999)).to.deep.equal(['block 0']);
  });
});
