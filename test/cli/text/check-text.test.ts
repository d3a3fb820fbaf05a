// The text of check: rules with what spares good senders, and the networks that only this host knows.

import { expect } from 'chai';
import type { CheckAnswer } from '../../../src/check/answer.ts';
import { checkText } from '../../../src/cli/text/check-text.ts';
import { configOf, RULES } from '../../config/text.ts';

const ANSWER: CheckAnswer = { policy: 'p.yml', problems: [], services: null };

describe('cli/text/check-text', () => {
  const { rules } = configOf(RULES);

  it('names each rule, and of its options those that are not off', () => {
    const text = RULES.replace(
      'message: No.',
      'message: No., enforce: false, share: 0.5%, forgive: login, passes: authenticated, repeat: {within: 9d, factor: 2, most: 2d}',
    );
    expect(checkText(ANSWER, configOf(text))).to.equal(
      'p.yml: no mistakes; rules: r (watched only, share 0.5%, forgive login, passes authenticated, repeat)\n',
    );
    expect(checkText(ANSWER, configOf(RULES))).to.equal('p.yml: no mistakes; rules: r\n');
  });

  it('has a line for each keyword that means something else on another host', () => {
    const networks = Array.from({ length: 22 }, (_, i) => `192.0.2.${i}`);
    const allow = [
      { keyword: 'loopback', networks: ['127.0.0.0/8'] },
      { keyword: 'own', networks },
      '198.51.100.1',
      { keyword: 'mynetworks', networks: [] },
    ] as const;
    const [, ...lines] = checkText(ANSWER, { rules, allow }).trimEnd().split('\n');
    expect(lines).to.deep.equal([
      `allow: own: ${networks.slice(0, 20).join(', ')} and 2 more`,
      'allow: mynetworks: none',
    ]);
  });

  it('has a line for each service and each problem, safe on a terminal', () => {
    const request = { address: 'inet:127.0.0.1:10040', after: [], defaultAction: 'DUNNO' };
    const [, ...lines] = checkText(
      {
        ...ANSWER,
        services: [
          {
            service: 'smtp/inet',
            isLocal: false,
            requests: [
              { ...request, stage: 'RCPT', list: 'smtpd_client_restrictions', after: ['permit_mynetworks'] },
              { ...request, stage: 'END-OF-MESSAGE', list: 'smtpd_end_of_data_restrictions' },
            ],
          },
          { service: '127.0.0.1:10025/inet', isLocal: true, requests: [] },
        ],
        problems: [
          { weight: 'error', about: ['a', 'b'], problem: 'x\x1b', remedy: 'In main.cf: y', status: null },
        ],
      },
      { rules, allow: [] },
      true,
    )
      .trimEnd()
      .split('\n');
    expect(lines).to.deep.equal([
      'smtp/inet: Postfix asks at RCPT (smtpd_client_restrictions after permit_mynetworks), the end of DATA (smtpd_end_of_data_restrictions)',
      '127.0.0.1:10025/inet: Postfix never asks; only this host can connect',
      'error: a, b: x\\x1b. In main.cf: y',
      "note: root may read and write everything. To check permissions too, run this as the daemon's user",
    ]);
  });
});
