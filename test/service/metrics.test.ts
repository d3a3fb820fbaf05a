// The metrics of the real daemon: what it counts, where it serves it, and how a reload changes that.

import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { endDaemons, TestDaemon } from '../harness/daemon.ts';
import { sampleValue } from '../harness/exposition.ts';
import { describeReal, PROMETHEUS } from '../harness/real.ts';
import { scrape } from '../harness/scrape.ts';
import { until } from '../harness/until.ts';
import { acceptedMessage, authFailure, refusedByUs, rejectedRecipient, times } from './mail.ts';

const IP = '192.0.2.1';
/** ms: the daemon answers 50 requests in a second, and refuses more */
const SCRAPE_PAUSE = 100;
const SMALL = `
  rejected-recipients: {counts: rejected-recipient, limit: 3, within: 1h, block-for: 48h, message: Your IP is sending excessive rejected recipients. Please contact support.}
  auth-failures: {counts: auth-failure, limit: 3, within: 1h, block-for: 24h, message: No., enforce: false}
`;

/** Listens where the daemon is to serve its metrics. */
async function taken(path: string): Promise<() => Promise<void>> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return () => new Promise((resolve) => server.close(() => resolve()));
}

describe('service: its metrics', () => {
  let daemon: TestDaemon;
  let path: string;

  beforeEach(() => {
    daemon = new TestDaemon();
    path = join(daemon.folder, 'metrics.sock');
  });

  afterEach(endDaemons);

  function write(value: string, more = ''): void {
    const head = daemon.head(`metrics: ${value}\nbreaker: {clients: 5, share: 1%, within: 10m}\n${more}`);
    daemon.writePolicy(SMALL, head);
  }

  /** Waits for a value of a metric. */
  async function has(
    value: number,
    name: string,
    labels: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const is = async () => sampleValue(await scrape(path), `postblock_${name}`, labels) === value;
    await until(`${name} to be ${value}`, is, undefined, SCRAPE_PAUSE);
  }

  it('count verdicts, lines, events, blocks and refused mails', async () => {
    write(`{unix: ${path}}`);
    await daemon.start();
    daemon.append(
      ...acceptedMessage(IP, 2101, Date.now()),
      ...times(3, () => rejectedRecipient(IP)),
      'x postfix/smtpd[7] y',
    );
    await daemon.said(/ block ip=192\.0\.2\.1 /);
    expect(await daemon.verdict(IP)).to.match(/^action=REJECT /);
    expect(await daemon.verdict('192.0.2.2')).to.equal('action=DUNNO');
    daemon.append(...refusedByUs(IP, 'bob@example.net'));
    const rule = 'rejected-recipients';
    await has(1, 'mails_refused_total', { rule });
    await has(1, 'mails_refused_in_standing_total', { rule });
    await has(1, 'verdicts_total', { action: 'reject', protocol_state: 'RCPT' });
    await has(1, 'verdicts_total', { action: 'dunno', protocol_state: 'RCPT' });
    await has(3, 'events_total', { kind: 'rejected-recipient', class: 'unknown-recipient' });
    await has(1, 'log_lines_unread_total', { form: 'header' });
    await has(1, 'blocks_active', { rule, enforced: 'true' });
    await has(1, 'blocks_started_total', { rule });
    await has(1, 'verdict_duration_seconds_count');
    const text = await scrape(path);
    expect(sampleValue(text, 'postblock_log_lines_total', { source: daemon.log })).to.be.above(4);
    const heard = sampleValue(text, 'postblock_log_last_line_timestamp_seconds', { source: daemon.log }) ?? 0;
    expect(Date.now() / 1000 - heard).to.be.within(-1, 60);
    expect(sampleValue(text, 'postblock_log_lag_seconds')).to.be.below(60);
    for (const { labels } of text.samples)
      expect(JSON.stringify(labels)).not.to.match(/192\.0\.2|example|unknown\[/);
  });

  it('go on where a reload moves them, and a reload switches them off and on', async () => {
    write(`{unix: ${path}}`);
    await daemon.start();
    expect(statSync(path).mode & 0o777).to.equal(0o660);
    await daemon.verdict(IP);
    const before = path;
    path = join(daemon.folder, 'other.sock');
    write(`{unix: ${path}, mode: "0600"}`);
    expect(await daemon.reload()).to.equal('taken');
    // The address moves after the reload is logged.
    await until('the old socket to be gone', () => !existsSync(before));
    await has(1, 'verdicts_total', { action: 'dunno', protocol_state: 'RCPT' });
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    write('off');
    expect(await daemon.reload()).to.equal('taken');
    await until('the socket to be gone', () => !existsSync(path));
    expect(daemon.output).to.match(/ reload .*metrics: unix:\S+ mode 0600 -> not set/);
    write(`{unix: ${path}}`);
    expect(await daemon.reload()).to.equal('taken');
    await until('the socket', () => existsSync(path));
    await has(0, 'verdicts_total', { action: 'dunno', protocol_state: 'RCPT' });
    expect(await daemon.stop()).to.equal(0);
    expect(existsSync(path)).to.equal(false);
  });

  it('leave no socket behind where the start fails', async () => {
    write(`{unix: ${path}}`, 'share-state: {url: "redis://127.0.0.1:1", password-file: /nonexistent}\n');
    daemon.append();
    daemon.spawn();
    expect(await daemon.exited()).to.equal(78);
    expect(daemon.output).to.match(/ metrics-listening /);
    expect(existsSync(path)).to.equal(false);
  });

  it('stop neither the start nor mail where their address is in use, and the old one stays at a reload', async () => {
    const free = await taken(path);
    write(`{unix: ${path}}`);
    await daemon.start();
    await daemon.said(/ error metrics-down reason=.*in use by another process/);
    expect(await daemon.verdict(IP)).to.equal('action=DUNNO');
    await free();
    expect(await daemon.reload()).to.equal('taken');
    await daemon.said(/ warn metrics-down-over /);
    const before = path;
    path = join(daemon.folder, 'other.sock');
    const freeOther = await taken(path);
    write(`{unix: ${path}}`);
    expect(await daemon.reload()).to.equal('taken');
    await daemon.said(/ error metrics-down reason=.*still served on unix:/);
    path = before;
    await has(1, 'trouble', { name: 'metrics-down' });
    await freeOther();
  });
});

describeReal('service: its metrics, read by promtool', PROMETHEUS, () => {
  afterEach(endDaemons);

  it('are without fault', async () => {
    const daemon = new TestDaemon();
    const path = join(daemon.folder, 'metrics.sock');
    daemon.writePolicy(SMALL, daemon.head(`metrics: {unix: ${path}}\n`));
    await daemon.start();
    daemon.append(...times(3, () => authFailure(IP)));
    await daemon.said(/ watched-block ip=192\.0\.2\.1 /);
    const { text } = await scrape(path);
    expect(execFileSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })).to.equal('');
  });
});
