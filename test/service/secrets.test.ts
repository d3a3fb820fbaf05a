// Privacy: attributes of requests other than the address stay out of the daemon's log and files.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endDaemons, PolicyClient, requestText, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { until } from '../harness/until.ts';
import { caughtUp, rejectedRecipient, times } from './mail.ts';

const IP = '192.0.2.1';
/** As SMTPD_POLICY_README names them; each value is found again wherever it goes. */
const ATTRIBUTES = {
  protocol_state: 'RCPT',
  sender: 'sender-4711@example.org',
  recipient: 'recipient-4711@example.net',
  helo_name: 'helo-4711',
  sasl_username: 'user-4711',
  sasl_sender: 'login-4711',
  ccert_subject: 'subject-4711',
  ccert_issuer: 'issuer-4711',
  ccert_fingerprint: 'fingerprint-4711',
  ccert_pubkey_fingerprint: 'key-4711',
  client_address: IP,
  client_name: 'name-4711.example.org',
};
const WHOLE = requestText(ATTRIBUTES);
const LONG = 'x'.repeat(60);

/** Everything that the daemon has written. */
function written(daemon: TestDaemon): string {
  const files = readdirSync(daemon.state).map((name) => join(daemon.state, name));
  const texts = files.filter((path) => statSync(path).isFile()).map((path) => readFileSync(path, 'utf8'));
  return [daemon.output, ...texts].join('\n');
}

describe('service: what must not be logged', () => {
  let daemon: TestDaemon;

  beforeEach(async () => {
    daemon = new TestDaemon();
    daemon.writePolicy(SMALL_RULES, daemon.head('log: {level: debug}\n'));
    await daemon.start();
  });
  afterEach(endDaemons);

  it('are the attributes of requests that are answered, with DUNNO or REJECT', async () => {
    expect(await daemon.ask(ATTRIBUTES)).to.equal('action=DUNNO');
    daemon.append(...times(3, () => rejectedRecipient(IP)));
    await caughtUp(daemon);
    expect(await daemon.ask(ATTRIBUTES)).to.match(/^action=REJECT /);
    await daemon.snapshot();
    expect(written(daemon)).to.contain(IP).and.not.to.contain('4711');
  });

  const refused: readonly (readonly [what: string, text: string])[] = [
    ['with a line that is none', `${WHOLE.trimEnd()}\nno attribute\n\n`],
    ['with a long line that is none, at its end', `${WHOLE.trimEnd()}\n${LONG} 4711\n\n`],
    ['of another type', WHOLE.replace('request=smtpd_access_policy', 'request=other')],
    ['of a type without end', WHOLE.replace('request=smtpd_access_policy', `request=${LONG}4711`)],
    ['without a type', WHOLE.replace('request=smtpd_access_policy\n', '')],
    ['without an end', `${WHOLE.trimEnd()}\nsasl_username=4711${LONG.repeat(1200)}\n\n`],
  ];
  for (const [what, text] of refused) {
    it(`are the attributes of a request ${what}, which is refused`, async () => {
      const client = await PolicyClient.open(daemon.socket);
      client.write(text);
      await until('the end of the connection', () => client.isClosed);
      await daemon.said(/ policy-client-refused /);
      await daemon.snapshot();
      expect(written(daemon)).not.to.contain('4711');
    });
  }
});
