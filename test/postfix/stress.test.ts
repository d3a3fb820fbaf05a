// A real Postfix that runs out of smtpd processes: connections that it then drops are not counted, as the daemon logs.

import { expect } from 'chai';
import { TestHost } from '../harness/host.ts';
import { describeReal, POSTFIX } from '../harness/real.ts';
import { SmtpClient } from '../harness/smtp.ts';
import { until } from '../harness/until.ts';

/**
 * Stress mode needs at least two processes for a service; it then drops a client at its first error. master(8) does not
 * warn about a service that listens only on loopback, but does about the one behind postscreen.
 */
const MAIN = `
default_process_limit = 2
postscreen_pre_queue_limit = 100
postscreen_post_queue_limit = 100
smtpd_hard_error_limit = $\{stress?{1}:{20}}
mynetworks = 127.0.0.0/8
postscreen_access_list = permit_mynetworks
`;

describeReal('postfix: stress of a real Postfix', POSTFIX, () => {
  let host: TestHost;

  before(async () => {
    host = await TestHost.start({ postfix: { main: MAIN } });
  });

  after(async () => {
    await host.stop();
  });

  async function greeted(from: string): Promise<SmtpClient> {
    const client = await SmtpClient.connect(host.postfix.ports.postscreen, from);
    expect(await client.greeting()).to.match(/^220 /);
    return client;
  }

  /** Clients that make one error each, which Postfix drops or continues to serve. @returns the last reply to each */
  async function err(from: string, count: number): Promise<string[]> {
    const replies: string[] = [];
    for (let i = 0; i < count; i++) {
      const client = await greeted(from);
      await client.command('NOSUCHCOMMAND');
      replies.push(await client.command('NOOP').catch(() => 'dropped'));
      client.hangUp();
    }
    return replies;
  }

  it('is in the log of the daemon, and the connections that it drops are not counted', async () => {
    expect(await err('127.0.0.50', 1)).to.deep.equal(['250 2.0.0 Ok']);
    const held = [await greeted('127.0.0.50'), await greeted('127.0.0.50')];
    await host.daemon.said(/ warn stress-began until=/);
    expect(host.postfix.logText).to.match(
      /master\[\d+\]: warning: service "smtpd" \(\S+\) has reached its process limit/,
    );
    for (const client of held) await client.quit();

    const from = '127.0.0.51';
    const drops = () =>
      host.postfix.logText.match(/too many errors after UNKNOWN from \S+\[127\.0\.0\.51\]/g) ?? [];
    await until('four drops', async () => {
      await err(from, 1);
      return drops().length >= 4;
    });
    await host.hasRead('too many errors after UNKNOWN');
    expect(await host.counts(from)).not.to.have.property('dropped-connection');
    expect(host.daemon.output).not.to.contain(` block ip=${from} `);
  });
});
