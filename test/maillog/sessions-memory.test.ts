// Memory of sessions: those that have ended leave nothing behind.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { LogReader } from '../../src/maillog/reader.ts';

const SESSIONS = 100_000;
const PROCESSES = 90;
const MOST_BYTES_A_SESSION = 10;

describe('maillog/sessions-memory: memory', () => {
  it('is the same after many sessions as after a few', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const reader = new LogReader();
    const read = (from: number, to: number) => {
      for (let i = from; i < to; i++) {
        const process = `mx postfix/smtpd[${i % PROCESSES}`;
        const client = `host-${i}.example.net[10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}]`;
        for (const message of [
          `connect from ${client}`,
          `ABCDE${i}: client=${client}`,
          `NOQUEUE: reject: RCPT from ${client}: 550 5.1.1 <x>: no; from=<a> to=<x> proto=SMTP helo=<h>`,
          `disconnect from ${client} commands=3/4`,
        ]) {
          reader.read({ at: i, program: 'smtpd', process, message }, () => undefined);
        }
      }
    };
    read(0, 1000);
    collect();
    const before = process.memoryUsage().heapUsed;
    read(1000, SESSIONS);
    collect();
    expect(reader.sessions.state.open).to.deep.equal([]);
    expect((process.memoryUsage().heapUsed - before) / SESSIONS).to.be.below(MOST_BYTES_A_SESSION);
  });
});
