// reporter: in policy.yml: who signs abuse reports, and each mistake.

import { expect } from 'chai';
import { parseConfig } from '../../../src/config/config.ts';

const RULES =
  'rules: {r: {counts: auth-failure, limit: 3, within: 1h, block-for: 1h, message: Too many logins.}}\n';

function reporterIn(value: string) {
  const { config, mistakes = [] } = parseConfig(`reporter: ${value}\n${RULES}`, '/p');
  return { reporter: config?.reporter, mistakes: mistakes.map(({ key, message }) => `${key}: ${message}`) };
}

describe('config/fields/reporter-field: reporter', () => {
  it('has the domain of its address, unless it names another one', () => {
    const who = 'org: Example Mail, contact: abuse@mail.example.com';
    const { reporter } = reporterIn(`{${who}}`);
    expect(reporter).to.include({ org: 'Example Mail', domain: 'mail.example.com' });
    expect(reporterIn(`{${who}, domain: example.com}`).reporter).to.include({ domain: 'example.com' });
  });

  const WRONG: readonly (readonly [string, string])[] = [
    ['{contact: a@example.com}', 'reporter.org: is missing; expected it to be set, as in org: Example Mail'],
    ['{org: x, contact: example.com}', 'reporter.contact: "example.com" is not a mail address; expected one'],
    ['{org: x, contact: a@b@c.d}', 'reporter.contact: "a@b@c.d" is not a mail address; expected one'],
    ['{org: x, contact: "a b@c.d"}', 'reporter.contact: "a b@c.d" is not a mail address; expected one'],
    ['{org: x, contact: a@c.d, domain: "-"}', 'reporter.domain: "-" is not a domain; expected one'],
    [
      `{org: ${'x'.repeat(201)}, contact: a@c.d}`,
      'reporter.org: is too long; expected at most 200 characters',
    ],
  ];
  for (const [value, mistake] of WRONG)
    it(`reports ${value.slice(0, 50)}`, () => expect(reporterIn(value).mistakes).to.deep.equal([mistake]));
});
