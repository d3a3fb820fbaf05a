// The smtpd services of master.cf, in the forms in which postconf prints them.

import { expect } from 'chai';
import { smtpdServices, valuesIn } from '../../src/wiring/master.ts';

const SERVICES = `smtp       inet  n       -       y       -       1       postscreen
smtpd      pass  -       -       n       -       -       smtpd
submission inet  n       -       -       -       -       /usr/lib/postfix/sbin/smtpd -v -o {x=a, b}
pickup     unix  n       -       y       60      1       pickup
127.0.0.1:10025 inet n   -       y       -       -       smtpd
`;
const OVERRIDES = `smtpd/pass/soft_bounce = yes
submission/inet/smtpd_client_restrictions = permit_sasl_authenticated, { a = b }
submission/inet/syslog_name =
`;

describe('wiring/master', () => {
  it('finds the services that run smtpd, with their -o options', () => {
    const found = smtpdServices(SERVICES, OVERRIDES, false);
    expect(found.map(({ name, type, isChrooted }) => [name, type, isChrooted])).to.deep.equal([
      ['smtpd', 'pass', false],
      ['submission', 'inet', false],
      ['127.0.0.1:10025', 'inet', true],
    ]);
    expect(found.map(({ overrides }) => [...overrides])).to.deep.equal([
      [['soft_bounce', 'yes']],
      [
        ['smtpd_client_restrictions', 'permit_sasl_authenticated, { a = b }'],
        ['syslog_name', ''],
      ],
      [],
    ]);
  });

  it('takes "-" in the column chroot for what the compatibility level makes of it', () => {
    const [, submission] = smtpdServices(SERVICES, OVERRIDES, true);
    expect(submission).to.include({ name: 'submission', isChrooted: true });
  });

  it('reads lines of postconf, also without a value', () => {
    expect([...valuesIn('a = b = c\nempty =\nnothing\n')]).to.deep.equal([
      ['a', 'b = c'],
      ['empty', ''],
    ]);
  });
});
