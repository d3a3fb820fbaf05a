// What postblock writes and prints for programs, held against the JSON Schemas of contrib/schema.

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect } from 'chai';
import { CLI, endDaemons, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import * as mail from '../service/mail.ts';
import { BROKEN, SCHEMA_NAMES, type SchemaName, VALID } from './text/documents.ts';

const SCHEMAS = fileURLToPath(new URL('../../../contrib/schema/', import.meta.url));
const TEXT = 'Your IP is sending excessive rejected recipients. Please contact support.';
const WATCH = `  auth-watch:
    {counts: auth-failure, limit: 2, within: 1h, block-for: 1h, message: Watched., enforce: false}\n`;

const ABUSER = '192.0.2.1';
const GUESSER = '192.0.2.2';
const SPAMMER = '192.0.2.3';
const FLOODER = '198.51.100.4';
const WATCHED = '192.0.2.5';
const COUNTED = '192.0.2.6';
const BY_HAND = '192.0.2.8';
const IPV6 = '2001:db8:1:2::7';

const ajv = new Ajv2020({ allErrors: true, strictTypes: false, strictRequired: false });
formats.default(ajv);
for (const name of SCHEMA_NAMES) {
  ajv.addSchema(JSON.parse(readFileSync(join(SCHEMAS, `${name}.schema.json`), 'utf8')) as object);
}

/** What a schema finds wrong; empty where nothing is. */
function faults(name: SchemaName, value: unknown): string {
  return ajv.validate(`${name}.schema.json`, value) ? '' : ajv.errorsText();
}

function smtpd(...messages: string[]): string[] {
  return messages.map((message) => `${mail.stamp(Date.now())} mx1 postfix/smtpd[3101]: ${message}`);
}

/** Our own refusals in the log, at RCPT and at CONNECT. */
function refusals(ip: string): string[] {
  const start = (stage: string) =>
    `NOQUEUE: reject: ${stage} from unknown[${ip}]: 554 5.7.1 <unknown[${ip}]>:`;
  return smtpd(
    `${start('RCPT')} Client host rejected: ${TEXT}; from=<a@example.org> to=<b@example.net> proto=ESMTP helo=<x>`,
    `${start('CONNECT')} Client host rejected: ${TEXT}; proto=SMTP`,
  );
}

/** Sessions that the log has not seen the end of. */
function openSessions(): string[] {
  return smtpd(
    'connect from mail.example.org[203.0.113.250]',
    '4F1B2A3C4D: client=mail.example.org[203.0.113.250], sasl_method=LOGIN, sasl_username=alice',
    'timeout after DATA (1200 bytes) from mail.example.org[203.0.113.250]',
  );
}

/** A client that is blocked and sends a mail meanwhile, an hour ago; lines that count for nothing. */
function oldLog(): string[] {
  const at = (minutes: number, program: string, message: string) =>
    `${mail.stamp(Date.now() + (minutes - 60) * 60_000)} mx1 postfix/${program}[3101]: ${message}`;
  const from = `from mail.example.org[${ABUSER}]`;
  const rejected = `NOQUEUE: reject: RCPT ${from}: 550 5.1.1 <a@example.net>: no such user; proto=SMTP`;
  return [
    ...mail.times(3, () => [at(0, 'smtpd', rejected)]),
    at(0, 'smtpd', `4F1B2A3C4D: client=mail.example.org[${ABUSER}], sasl_method=LOGIN, sasl_username=alice`),
    at(0, 'qmgr', '4F1B2A3C4D: from=<>, size=347, nrcpt=1 (queue active)'),
    at(0, 'discard', '4F1B2A3C4D: to=<a@example.net>, relay=none, delay=0, dsn=2.0.0, status=sent (x)'),
    at(2, 'smtpd', `NOQUEUE: reject: RCPT ${from}: 450 4.2.0 <a@example.net>: Greylisted; proto=SMTP`),
    'no line of a log',
  ];
}

describe('cli/formats: contrib/schema', () => {
  let daemon: TestDaemon;
  const done: unknown[] = [];

  /** What a command prints with --json, a value a line. */
  async function run(...args: string[]): Promise<unknown[]> {
    const command = [CLI, ...args, '--json', '--policy', daemon.policy];
    const stdout = await new Promise<string>((resolve) =>
      execFile(process.execPath, command, (_error, text) => resolve(text)),
    );
    expect(stdout, args.join(' ')).to.match(/\n$/);
    return stdout.trimEnd().split('\n').map(parsed);
  }

  async function act(...args: string[]): Promise<void> {
    done.push(...(await run(...args, '--reason', 'ticket 4711')));
  }

  before(async () => {
    daemon = await new TestDaemon({ rules: SMALL_RULES + WATCH }).start();
    for (const ip of [ABUSER, IPV6]) daemon.append(...mail.times(3, () => mail.rejectedRecipient(ip)));
    daemon.append(...mail.times(3, () => mail.authFailure(GUESSER)));
    daemon.append(...mail.times(3, () => mail.rejectedMessage(SPAMMER)));
    daemon.append(...mail.times(3, () => mail.droppedConnection(FLOODER)));
    daemon.append(...mail.times(2, () => mail.authFailure(WATCHED)), ...mail.rejectedRecipient(COUNTED));
    daemon.append(...refusals(ABUSER), ...openSessions());
    await mail.caughtUp(daemon);
    await act('unblock', GUESSER, SPAMMER, '--grace', '1h');
    await act('block', BY_HAND, '--rule', 'auth-failures', '--for', '2h');
    await act('allow', '198.51.100.0/24', '--for', '7d');
    await act('allow', '2001:db8:ffff::/48', '--for', '7d');
    await act('disallow', '2001:db8:ffff::/48');
  });

  after(endDaemons);

  it('describes snapshot.json, with evidence, refused mails, a watched block, a grace, an allow entry and open sessions', async () => {
    await daemon.snapshot();
    const text = readFileSync(join(daemon.state, 'snapshot.json'), 'utf8');
    expect(faults('snapshot', JSON.parse(text))).to.equal('');
    for (const part of [
      '"evidence":[{',
      '"mails":[{',
      '"watching":[{',
      '"graceUntil":',
      '"hand":{',
      '"events":{',
    ])
      expect(text).to.include(part);
    expect(text).to.match(/"allowed":\[\{.*"sessions":\{"open":\[\["/);
  });

  it('describes every line of audit.jsonl, whatever its event', async () => {
    const lines = readFileSync(join(daemon.state, 'audit.jsonl'), 'utf8').trimEnd().split('\n').map(parsed);
    expect(lines.map((line) => faults('audit', line)).filter(Boolean)).to.deep.equal([]);
    const events = new Set(daemon.audit().map(({ event, reason }) => `${event} ${reason ?? ''}`.trim()));
    expect([...events].sort()).to.deep.equal(
      ['allow', 'block', 'disallow', 'end allow-listed', 'end lifted', 'grace'].sort(),
    );
  });

  it('describes what unblock, block, allow and disallow answer', () => {
    expect(done.map((answer) => faults('done', answer)).filter(Boolean)).to.deep.equal([]);
    expect(done).to.have.length(6);
  });

  async function expectReadable(source: 'daemon' | 'snapshot'): Promise<void> {
    for (const [field, ...options] of [
      ['blocks'],
      ['blocks', '--watching'],
      ['graces', '--graces'],
      ['allowed', '--allowed'],
      ['blocks', '--limit', '1'],
    ] as const) {
      const [list] = await run('list', ...options);
      expect(faults('list', list)).to.equal('');
      expect(list).to.include({ source }).and.to.have.property(field).that.is.not.empty;
    }
    for (const call of [
      ['find', '192.0.2.0/24'],
      ['find', 'EXAMPLE'],
      ['show', '192.0.2.0/24'],
      ['show', '2001:db8::/32'],
    ]) {
      const [found] = await run(...call);
      expect(faults('find', found), call.join(' ')).to.equal('');
      expect(found).to.include({ source }).and.to.have.property('found').that.is.not.empty;
    }
    const ips = [ABUSER, GUESSER, FLOODER, WATCHED, COUNTED, BY_HAND, IPV6, '127.0.0.1', '192.0.2.99'];
    const answers = await Promise.all(ips.map((ip) => run('show', ip)));
    for (const [i, [shown]] of answers.entries()) {
      expect(faults('show', shown), ips[i]).to.equal('');
      expect(shown).to.include({ source, ip: ips[i] });
    }
  }

  it('describes what list, find and show answer for blocked, watched, counted, lifted, allowed and unknown IPs', async () => {
    await expectReadable('daemon');
  });

  it('describes what status answers', async () => {
    const [status] = await run('status');
    expect(faults('status', status)).to.equal('');
    expect(status).to.have.property('trouble').that.deep.equals([]);
  });

  it('describes what check answers', async () => {
    const [checked] = await run('check');
    expect(faults('check', checked)).to.equal('');
    expect(checked).to.deep.include({ policy: daemon.policy, problems: [], services: null });
  });

  it('describes every line of a replay: blocks, ends and the report, with mails lost and each blind spot', async () => {
    const log = join(daemon.folder, 'old.log');
    writeFileSync(log, oldLog().join('\n'));
    const sweep = [
      '--sweep',
      'rules.auth-watch.limit=1,2',
      '--set',
      'rules.rejected-recipients.block-for=1m',
    ];
    const lines = await run('replay', log, ...sweep);
    expect(lines.map((line) => faults('replay', line)).filter(Boolean)).to.deep.equal([]);
    const events = lines.map((line) => (line as { readonly event: string }).event);
    expect([...new Set(events)].sort()).to.deep.equal(['block', 'end', 'report']);
    expect(lines.at(-1)).to.have.nested.property('cost.lost', 1);
    for (const part of ['unreadable', 'uncounted'])
      expect(lines.at(-1)).to.have.nested.property(`blindSpots.${part}`).that.has.length(1);
    const [report] = await run('replay', '/dev/null');
    expect(faults('replay', report)).to.equal('');
  });

  it('describes every explained line, whatever the result', async () => {
    const log = join(daemon.folder, 'explained.log');
    const allowed = `${mail.stamp(Date.now())} mx1 postfix/smtpd[3102]: too many errors after RCPT from x[127.0.0.1]`;
    writeFileSync(log, [...oldLog(), ...openSessions(), allowed, ...refusals(ABUSER)].join('\n'));
    const lines = await run('explain', log);
    expect(lines.map((line) => faults('explain', line)).filter(Boolean)).to.deep.equal([]);
    const results = new Set(lines.map((line) => (line as { readonly result: string }).result));
    expect([...results].sort()).to.deep.equal(['counted', 'later', 'not-counted', 'nothing', 'unread']);
  });

  it('describes what list, find and show answer when the daemon is down', async () => {
    await daemon.stop();
    await expectReadable('snapshot');
  });

  for (const name of SCHEMA_NAMES) {
    it(`accepts the valid documents from which the broken ones are made (${name})`, () => {
      for (const text of VALID[name]) expect(faults(name, JSON.parse(text)), text).to.equal('');
    });
  }

  for (const [what, name, from, to] of BROKEN) {
    it(`refuses ${what} (${name})`, () => {
      const text = VALID[name].find((whole) => whole.includes(from)) ?? '';
      expect(text, 'a document with the part to break').to.include(from);
      expect(faults(name, JSON.parse(text.replace(from, to)))).to.not.equal('');
    });
  }
});

function parsed(line: string): unknown {
  return JSON.parse(line);
}
