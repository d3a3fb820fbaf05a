// What is wrong with the wiring of a Postfix: tables of configurations, each with what an administrator reads.

import { expect } from 'chai';
import { postfixProblems } from '../../src/check/postfix-problems.ts';
import type { ListenSpec } from '../../src/net/listen.ts';
import type { ServiceWiring } from '../../src/wiring/service-wiring.ts';
import { type Parameters, REQUEST, WIRED, wired } from './wired.ts';

const LISTEN: readonly ListenSpec[] = [{ type: 'inet', host: '127.0.0.1', port: 10040 }];
const RULES = [{ counts: ['auth-failure'], enforce: true }] as const;
const UNDELAYED = { smtpd_delay_reject: 'no' };
const AUTH = { smtpd_sasl_auth_enable: 'yes' };

function problemsOf(wirings: readonly ServiceWiring[], policy: Partial<TestPolicy> = {}): readonly string[] {
  const { listen = LISTEN, rules = RULES } = policy;
  return postfixProblems(wirings, { listen, rules }).map(
    ({ weight, about, problem, remedy }) => `${weight}: ${about.join(', ')}: ${problem}. ${remedy}`,
  );
}

interface TestPolicy {
  readonly listen: readonly ListenSpec[];
  readonly rules: readonly { counts: readonly ['auth-failure']; enforce: boolean }[];
}

describe('check/postfix-problems', () => {
  const well: readonly [string, Parameters][] = [
    ['that is wired as contrib/main.cf says', {}],
    [
      'that has other restrictions behind the request',
      { smtpd_client_restrictions: `${REQUEST}, permit_mynetworks` },
    ],
    [
      'that refuses other clients in front of it',
      { smtpd_client_restrictions: `reject_rbl_client x.org, ${REQUEST}` },
    ],
    ['that permits in another list', { smtpd_recipient_restrictions: 'permit_mynetworks, reject' }],
    ['that greets blocked clients with 554', { ...UNDELAYED, ...AUTH }],
    [
      'that permits a login before anybody can log in',
      { ...UNDELAYED, smtpd_client_restrictions: `permit_sasl_authenticated, ${REQUEST}` },
    ],
    [
      'that asks again in a list without a permit',
      { smtpd_client_restrictions: `permit_mynetworks, ${REQUEST}`, smtpd_sender_restrictions: REQUEST },
    ],
    [
      'that asks in a restriction class',
      { smtpd_restriction_classes: 'ours', ours: REQUEST, smtpd_client_restrictions: 'ours' },
    ],
    [
      'that asks at RCPT only in the recipient list',
      {
        smtpd_client_restrictions: '',
        smtpd_recipient_restrictions: `reject_unauth_destination, ${REQUEST}`,
      },
    ],
  ];
  for (const [title, parameters] of well) {
    it(`finds nothing in a Postfix ${title}`, () => {
      expect(problemsOf([wired({ ...WIRED, ...parameters })])).to.deep.equal([]);
    });
  }

  const client = (list: string) => ({ smtpd_client_restrictions: list });
  const FIRST = 'In main.cf: smtpd_client_restrictions = $postblock, …';
  const wrong: readonly [string, Parameters, string][] = [
    [
      'permit in front',
      client(`permit ${REQUEST}`),
      `error: smtp/inet: the request in smtpd_client_restrictions is never reached: permit in front ends the list for every client. ${FIRST}`,
    ],
    [
      'reject in front',
      client(`reject, ${REQUEST}`),
      `error: smtp/inet: the request in smtpd_client_restrictions is never reached: reject in front ends the list for every client. ${FIRST}`,
    ],
    [
      'warn_if_reject in front',
      client(`warn_if_reject ${REQUEST}`),
      'error: smtp/inet: warn_if_reject is in front of the request in smtpd_client_restrictions: Postfix logs the refusal, and serves the client. Remove warn_if_reject; to watch only, set "enforce: false" in policy.yml',
    ],
    [
      'a permit for some in front',
      client(`permit_mynetworks, permit_sasl_authenticated, ${REQUEST}`),
      `warning: smtp/inet: Postfix does not ask about clients that permit_mynetworks, permit_sasl_authenticated permits: it is in front of the request in smtpd_client_restrictions. ${FIRST}`,
    ],
    [
      'a permit for all mail to this host in front',
      client(`permit_auth_destination, ${REQUEST}`),
      `error: smtp/inet: Postfix does not ask about clients that permit_auth_destination permits: it is in front of the request in smtpd_client_restrictions. ${FIRST}`,
    ],
    [
      'no request at the end of DATA',
      { smtpd_end_of_data_restrictions: '' },
      'warning: smtp/inet: Postfix does not ask at the end of DATA: a block that starts during a message does not stop it. In main.cf: smtpd_end_of_data_restrictions = $postblock',
    ],
    [
      'a request at the end of DATA only',
      client(''),
      'error: smtp/inet: Postfix asks only after DATA: a blocked client can go on guessing recipients. In main.cf: smtpd_client_restrictions = $postblock',
    ],
    [
      'AUTH without a request at CONNECT',
      AUTH,
      'error: smtp/inet: the service offers AUTH, and Postfix asks only at RCPT: a blocked client can go on guessing passwords. In master.cf, under the service: -o smtpd_delay_reject=no, with the other lines of contrib/master.cf; on port 25, -o smtpd_sasl_auth_enable=no',
    ],
    [
      'AUTH with a request in a later list',
      { ...AUTH, ...UNDELAYED, ...client(''), smtpd_sender_restrictions: REQUEST },
      'error: smtp/inet: the service offers AUTH, and Postfix asks only at MAIL: a blocked client can go on guessing passwords. In main.cf: smtpd_client_restrictions = $postblock',
    ],
    [
      'a request in the HELO list alone',
      { ...client(''), smtpd_helo_restrictions: REQUEST },
      'warning: smtp/inet: Postfix asks only in smtpd_helo_restrictions: a client that sends no HELO is not asked about. In main.cf: smtpd_client_restrictions = $postblock',
    ],
    [
      'soft_bounce',
      { soft_bounce: 'yes' },
      'error: smtp/inet: soft_bounce turns each 5xx into 4xx: no rejection is counted, and blocked clients come again. In main.cf: soft_bounce = no',
    ],
    [
      'an option that Postfix does not know',
      client(
        'check_policy_service { inet:127.0.0.1:10040, timeout=2s, try_limit=1, action=DUNNO, default_action=DUNNO }',
      ),
      'error: smtp/inet: Postfix does not accept the request in smtpd_client_restrictions, and smtpd ends: there is no option action. In main.cf: { ADDRESS, timeout=2s, try_limit=1, default_action=DUNNO }',
    ],
  ];
  for (const [title, parameters, expected] of wrong) {
    it(`finds ${title}`, () => {
      expect(problemsOf([wired({ ...WIRED, ...parameters })])).to.deep.equal([expected]);
    });
  }

  describe('where no answer comes', () => {
    const ask = (options: string) => ({
      ...WIRED,
      ...client(`check_policy_service { inet:127.0.0.1:10040, timeout=2s, try_limit=1, ${options} }`),
    });
    for (const [action, weight] of [
      ['DUNNO', undefined],
      ['dunno', undefined],
      ['WARN', undefined],
      ['OK', 'warning'],
      ['permit', 'warning'],
      ['451', 'warning'],
      ['REJECT', 'error'],
      ['DEFER_IF_PERMIT', 'error'],
      ['HOLD', 'error'],
    ] as const) {
      it(`default_action=${action} is ${weight ?? 'no problem'}`, () => {
        const found = problemsOf([wired(ask(`default_action=${action}`))]);
        expect(found.map((line) => line.split(':', 1)[0])).to.deep.equal(
          weight === undefined ? [] : [weight],
        );
      });
    }

    it('a plain address refuses all mail, and makes each client wait', () => {
      const plain = 'check_policy_service inet:127.0.0.1:10040';
      const found = problemsOf([wired({ ...WIRED, ...client(plain) })]);
      expect(found).to.deep.equal([
        'error: smtp/inet: if postblock is down, Postfix answers every client "451 4.3.5 Server configuration problem": no mail comes in. In main.cf, in the braces of check_policy_service: default_action=DUNNO',
        'warning: smtp/inet: if postblock hangs, each client waits 200 s (timeout=100s, try_limit=2). In main.cf, in the braces of check_policy_service: timeout=2s, try_limit=1',
      ]);
    });
  });

  describe('of a service that never asks', () => {
    const plain: Parameters = { queue_directory: '/var/spool/postfix' };

    it('gives the lines of main.cf', () => {
      expect(problemsOf([wired(plain)])).to.deep.equal([
        'error: smtp/inet: Postfix never asks postblock: blocked clients are served. In main.cf: postblock = check_policy_service { inet:127.0.0.1:10040, timeout=2s, try_limit=1, default_action=DUNNO }. In main.cf: smtpd_client_restrictions = $postblock. In main.cf: smtpd_end_of_data_restrictions = $postblock',
      ]);
    });

    it('gives the line of master.cf if the service has a list of its own, with what is in it', () => {
      const own = { smtpd_client_restrictions: 'permit_sasl_authenticated,reject' };
      const [found = ''] = problemsOf([wired(WIRED, { ...own, smtpd_end_of_data_restrictions: '' })]);
      expect(found).to.include(
        'In master.cf, under the service: -o { smtpd_client_restrictions = $postblock, … }',
      );
      expect(found).to.include(
        'In master.cf, under the service: -o smtpd_end_of_data_restrictions=$postblock',
      );
    });

    it('names what it asks instead', () => {
      const [found] = problemsOf([
        wired({ ...plain, ...client('check_policy_service inet:127.0.0.1:10023') }),
      ]);
      expect(found).to.include(
        'served; it asks inet:127.0.0.1:10023, where no listen: of policy.yml is (listen: inet:127.0.0.1:10040)',
      );
    });

    it('says where a chrooted service looks for the socket', () => {
      const listen: readonly ListenSpec[] = [{ type: 'unix', path: '/run/postblock/policy', mode: 0o660 }];
      const main = { ...plain, ...client('check_policy_service unix:/run/postblock/policy') };
      expect(problemsOf([wired(main)], { listen })).to.deep.equal([
        'error: smtp/inet: Postfix never asks postblock: blocked clients are served: the service is chrooted, and looks for /var/spool/postfix/run/postblock/policy instead of /run/postblock/policy. In policy.yml, under listen: - unix: /var/spool/postfix/postblock/policy; in main.cf: unix:postblock/policy',
      ]);
      expect(problemsOf([wired(main, {}, { isChrooted: false })], { listen })[0]).to.not.include(
        'never asks',
      );
    });

    it('takes the socket in the queue directory for the documented one', () => {
      const path = '/var/spool/postfix/postblock/policy';
      const listen: readonly ListenSpec[] = [{ type: 'unix', path, mode: 0o660 }];
      expect(problemsOf([wired(plain)], { listen })[0]).to.include('{ unix:postblock/policy, timeout=2s');
      const request = REQUEST.replace('inet:127.0.0.1:10040', 'unix:postblock/policy');
      for (const isChrooted of [true, false]) {
        const main = { ...plain, ...client(request), smtpd_end_of_data_restrictions: request };
        expect(problemsOf([wired(main, {}, { isChrooted })], { listen })).to.deep.equal([]);
      }
    });

    for (const [name, type, interfaces] of [
      ['127.0.0.1:10025', 'inet', 'all'],
      ['[::1]:10025', 'inet', 'all'],
      ['localhost:10025', 'inet', 'all'],
      ['10025', 'inet', 'loopback-only'],
      ['10025', 'inet', '127.0.0.1, [::1]'],
      ['private/smtpd', 'unix', 'all'],
    ] as const) {
      it(`finds nothing if only this host reaches it: ${name} ${type}, inet_interfaces ${interfaces}`, () => {
        const main = { ...plain, inet_interfaces: interfaces };
        expect(problemsOf([wired(main, {}, { name, type })])).to.deep.equal([]);
      });
    }

    for (const [name, type] of [
      ['smtp', 'inet'],
      ['192.0.2.1:smtp', 'inet'],
      ['smtpd', 'pass'],
    ] as const) {
      it(`finds it if others reach it: ${name} ${type}`, () => {
        expect(problemsOf([wired(plain, {}, { name, type })])[0]).to.match(
          new RegExp(`^error: ${name}/${type}: Postfix never asks`),
        );
      });
    }
  });

  it('gives a problem of several services in one line, errors first', () => {
    const late = { ...WIRED, smtpd_end_of_data_restrictions: '' };
    const found = problemsOf([
      wired(late),
      wired(late, UNDELAYED, { name: 'submission' }),
      wired({ queue_directory: '/q' }, {}, { name: 'submissions' }),
    ]);
    expect(found.map((line) => line.split(': ', 2).join(': '))).to.deep.equal([
      'error: submissions/inet',
      'warning: smtp/inet, submission/inet',
    ]);
  });

  it('does not ask for CONNECT if no enforced rule counts failed logins', () => {
    const rules = [{ counts: ['auth-failure'], enforce: false }] as const;
    expect(problemsOf([wired({ ...WIRED, ...AUTH })], { rules })).to.deep.equal([]);
  });

  it('finds a Postfix without an smtpd', () => {
    expect(problemsOf([])[0]).to.match(/^error: master\.cf: Postfix has no smtpd service/);
  });
});
