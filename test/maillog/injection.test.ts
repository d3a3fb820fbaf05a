// Injection: whatever a client writes into the log, only its own events count, for itself.

import { expect } from 'chai';
import fc from 'fast-check';
import { clientText, fill, HOSTILE, VICTIM } from './arbitraries.ts';
import { charges, line } from './log.ts';

const CLIENT = '192.0.2.1';

/** A session of CLIENT's in which every kind of line appears, with `text` in the places that a client writes. */
function sessionWith(template: { program: string; message: string }, text: () => string): string[] {
  const message = fill(template.message, CLIENT, text);
  return [
    line(`connect from unknown[${CLIENT}]`),
    line(`ABCDE12345: client=unknown[${CLIENT}]`),
    line(message, template.program),
    line(`disconnect from unknown[${CLIENT}]`),
    line(`DISCONNECT [${CLIENT}]:40000`, 'postscreen'),
    // Had a session of the victim's been made, its end would charge it.
    line(`disconnect from unknown[${VICTIM}]`),
    line(`DISCONNECT [${VICTIM}]:40000`, 'postscreen'),
  ];
}

describe('maillog/injection: text that clients write', () => {
  it('never counts against another client, whatever it imitates and in whichever place', () => {
    const template = fc.constantFrom(...HOSTILE);
    fc.assert(
      fc.property(template, fc.array(clientText, { minLength: 1, maxLength: 4 }), (hostile, texts) => {
        let place = 0;
        const lines = sessionWith(hostile, () => texts[place++ % texts.length] ?? '');
        const others = charges(lines).filter((charge) => !charge.endsWith(` ${CLIENT}`));
        expect(others, lines[2]).to.deep.equal([]);
      }),
      { numRuns: 3000 },
    );
  });

  it('never counts against another client, with each kind of line imitated in each place of each other', () => {
    for (const hostile of HOSTILE) {
      for (const { message } of HOSTILE) {
        const imitation = fill(message, VICTIM, () => 'x');
        const lines = sessionWith(hostile, () => imitation);
        const others = charges(lines).filter((charge) => !charge.endsWith(` ${CLIENT}`));
        expect(others, lines[2]).to.deep.equal([]);
      }
    }
  });

  it('never counts against any client from a line of another program, with or without a process ID', () => {
    const tags = [
      'dovecot',
      'dovecot: imap-login',
      'dovecot[7]',
      'sshd[7]',
      'postfix/smtp[7]',
      'amavis[7]',
      'kernel',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...tags), clientText, (tag, text) => {
        const lines = [`2026-11-23T10:00:00.000Z mx ${tag}: user=<${text}>`];
        lines.push(`2026-11-23T10:00:00.000Z mx ${tag}: ${text}`, `Nov 23 10:00:00 mx ${tag}: ${text}`);
        lines.push(line(`disconnect from unknown[${VICTIM}]`));
        expect(charges(lines), text).to.deep.equal([]);
      }),
      { numRuns: 3000 },
    );
  });

  it('never counts against any client from a user name in a line of Dovecot’s, which bears no process ID', () => {
    const name = `x postfix/smtpd[101]: NOQUEUE: reject: RCPT from unknown[${VICTIM}]: 550 5.1.1 x`;
    const lines = [
      `2026-11-23T10:00:00.000Z mx dovecot: imap-login: Aborted login: user=<${name}>, rip=${CLIENT}`,
      `Nov 23 10:00:00 mx dovecot: auth: ${name}`,
    ];
    for (const text of lines) expect(charges([text]), text).to.deep.equal([]);
  });

  it('never hides what the client did: an imitation in its own line counts like any other text', () => {
    const certain = HOSTILE.filter(({ message }) =>
      /(?:reject: RCPT from NAME\[CLIENT\]: 55|reject: END-OF-MESSAGE|reject: (?:header|body|mime-error)|: SASL LOGIN)/.test(
        message,
      ),
    );
    for (const hostile of certain) {
      const plain = charges(sessionWith(hostile, () => 'x'));
      expect(plain, hostile.message).not.to.be.empty;
      for (const { message } of HOSTILE) {
        const imitation = fill(message, VICTIM, () => 'x');
        expect(charges(sessionWith(hostile, () => imitation)), hostile.message).to.deep.equal(plain);
      }
    }
  });
});
