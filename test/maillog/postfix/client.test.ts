// The client at its fixed place in a log message.

import { expect } from 'chai';
import { clientAt } from '../../../src/maillog/postfix/client.ts';

describe('maillog/postfix/client', () => {
  it('reads name, address and port as Postfix prints them', () => {
    const good: [string, string, string | undefined, string, string][] = [
      ['unknown[192.0.2.1]', '192.0.2.1', undefined, '', ''],
      ['mail.example.com[192.0.2.1]', '192.0.2.1', 'mail.example.com', '', ''],
      ['mail.example.com[192.0.2.1]:51234: text', '192.0.2.1', 'mail.example.com', '51234', ': text'],
      ['mail.example.com[192.0.2.1]: text', '192.0.2.1', 'mail.example.com', '', ': text'],
      ['[192.0.2.1]:51234', '192.0.2.1', undefined, '51234', ''],
      ['[2001:db8::1]:51234 in tests', '2001:db8::1', undefined, '51234', ' in tests'],
      ['unknown[unknown]', 'unknown', undefined, '', ''],
      ['a[192.0.2.1], sasl_method=PLAIN', '192.0.2.1', 'a', '', ', sasl_method=PLAIN'],
    ];
    for (const [text, address, name, port, rest] of good) {
      const client = clientAt(`from ${text}`, 5);
      expect(client, text).to.deep.include({ address, name, port });
      expect(`from ${text}`.slice(client?.end), text).to.equal(rest);
    }
  });

  it('reads every port whole', () => {
    for (const port of ['9', '25', '587', '1023', '10900', '29089', '49152', '60999', '65535']) {
      const text = `unknown[192.0.2.1]:${port}: TLS library problem`;
      const client = clientAt(text, 0);
      expect(client?.port).to.equal(port);
      expect(text.slice(client?.end)).to.equal(': TLS library problem');
    }
  });

  it('reads no client at another place', () => {
    const bad: [string, string][] = [
      ['', 'nothing'],
      ['unknown', 'no address'],
      ['unknown[192.0.2.1', 'no end of the address'],
      ['x from unknown[192.0.2.1]', 'a blank in front of the bracket'],
      [`${'a'.repeat(256)}[192.0.2.1]`, 'longer than any name'],
      [`a[${'1'.repeat(80)}]`, 'longer than any address'],
    ];
    for (const [text, reason] of bad) expect(clientAt(text, 0), reason).to.equal(undefined);
  });
});
