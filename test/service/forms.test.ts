// Logs in other forms than rsyslog's, followed by the daemon and over kill -9.

import { appendFileSync } from 'node:fs';
import { expect } from 'chai';
import { endDaemons, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { until } from '../harness/until.ts';
import { RUNTIMES } from '../maillog/syslog/containers.ts';
import { FORMS, lineOf } from '../maillog/syslog/headers.ts';
import { auditOf, caughtUp, stamp } from './mail.ts';

const IP = '192.0.2.1';
const DUNNO = 'action=DUNNO';
const RULES = SMALL_RULES.replace('auth-failure, limit: 3', 'auth-failure, limit: 10');

const FAILED = `warning: unknown[${IP}]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=info@example.net`;

function line(message: string, at = Date.now()): string {
  return `${stamp(at)} mx1 postfix/smtpd[2202]: ${message}`;
}

function repeated(count: number, at = Date.now()): string {
  return line(`message repeated ${count} times: [ ${FAILED}]`, at);
}

describe('service: other forms of logs', () => {
  afterEach(endDaemons);

  it('counts each repetition that rsyslog reports once, over a kill too', async () => {
    const daemon = await new TestDaemon({ rules: RULES }).start();
    daemon.append(line(FAILED), repeated(4));
    await caughtUp(daemon);
    await daemon.snapshot();
    daemon.append(repeated(2));
    await caughtUp(daemon);
    await daemon.stop('SIGKILL');
    daemon.append(repeated(2));
    await daemon.start();
    await caughtUp(daemon);
    expect(await daemon.verdict(IP), 'after nine of ten').to.equal(DUNNO);
    const last = Date.now();
    daemon.append(repeated(50, last));
    await daemon.said(new RegExp(` block ip=${IP} `));
    await until('the trail', () => auditOf(daemon, IP).length > 0);
    expect(auditOf(daemon, IP)).to.deep.equal([`block ${new Date(last).toISOString()}`]);
  });

  for (const runtime of RUNTIMES.filter(({ canSplit }) => canSplit)) {
    it(`follows the file of ${runtime.what}, killed between two parts of a line`, async () => {
      const daemon = await new TestDaemon({ rules: RULES }).start();
      const write = (text: string, isLast = true) =>
        daemon.append(runtime.write(text, Date.now(), 'stdout', isLast));
      const failed = `Nov 23 23:59:59 mail postfix/smtpd[7]: ${FAILED}`;
      for (let i = 0; i < 7; i++) write(failed);
      // The rest of a line of another program, which a client wrote.
      write('rspamd: subject: ', false);
      write(failed);
      write(failed.slice(0, 60), false);
      await caughtUp(daemon);
      const { log } = await daemon.snapshot();
      expect(JSON.stringify(log)).to.contain('"parts":');
      await daemon.stop('SIGKILL');
      write(failed.slice(60));
      write(failed);
      await daemon.start();
      await caughtUp(daemon);
      expect(await daemon.verdict(IP), 'after nine of ten').to.equal(DUNNO);
      // Half-written by the runtime, too.
      const text = `${runtime.write(failed, Date.now(), 'stdout', true)}\n`;
      appendFileSync(daemon.log, text.slice(0, 90));
      await new Promise((resolve) => setImmediate(resolve));
      appendFileSync(daemon.log, text.slice(90));
      await daemon.said(new RegExp(` block ip=${IP} `));
      expect(auditOf(daemon, IP)).to.have.length.at.most(1);
    });
  }

  it('blocks by the lines of every form, mixed in one file', async () => {
    const daemon = await new TestDaemon({ rules: RULES, env: { TZ: 'UTC' } }).start();
    const now = Date.now();
    const today = FORMS.filter(
      ({ before }) => before.startsWith('Nov 23 10:20:30') || before.includes('2026-11-23T'),
    );
    const parts = new Date(now).toUTCString().split(' ');
    const bsd = `${parts[2]} ${parts[1]} ${parts[4]}`;
    const iso = new Date(now).toISOString().slice(0, 19);
    const dated = (text: string) =>
      text.replaceAll('2026-11-23T10:20:30', iso).replaceAll(/Nov 23 (?:10:20:3\d|23:59:59)/g, bsd);
    const address = (i: number) => `198.51.100.${i}`;
    for (const [i, form] of today.entries())
      for (let n = 0; n < 10; n++) daemon.append(dated(lineOf(form, FAILED.replace(IP, address(i)))));
    for (const [i, form] of today.entries()) {
      await daemon
        .said(new RegExp(` block ip=${address(i).replaceAll('.', '\\.')} `))
        .catch((error: Error) => {
          throw new Error(`${form.what}: ${error.message}`);
        });
    }
  });
});
