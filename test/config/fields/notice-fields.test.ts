// on-block: in policy.yml: the forms of a target, and each mistake.

import { expect } from 'chai';
import { parseConfig } from '../../../src/config/config.ts';
import { policyChanges } from '../../../src/config/policy-changes.ts';
import { configOf } from '../text.ts';

const RULES =
  'rules: {r: {counts: auth-failure, limit: 3, within: 1h, block-for: 1h, message: Too many logins.}}\n';
const HOOK = 'https://hooks.example.org/secret';

function noticesIn(value: string) {
  const { config, mistakes = [] } = parseConfig(`on-block: ${value}\n${RULES}`, '/etc/postblock/policy.yml');
  const texts = mistakes.map(({ line, column, key, message }) => `${line}:${column}: ${key}: ${message}`);
  return { targets: config?.onBlock, mistakes: texts };
}

describe('config/fields/notice-fields: on-block', () => {
  it('has defaults for all but the command or webhook', () => {
    const events = ['block', 'breaker', 'trouble'];
    expect(noticesIn(`[{command: [/bin/x, "{ip}"]}, {webhook: "${HOOK}"}]`).targets).to.deep.equal([
      { type: 'command', command: ['/bin/x', '{ip}'], events, timeout: 10_000 },
      { type: 'webhook', url: HOOK, format: 'json', events, timeout: 10_000 },
    ]);
  });

  it('takes all options, and paths from the directory of the policy', () => {
    const options = 'secret-file: hook.secret, format: slack, events: [end], rules: [r], timeout: 1m';
    expect(noticesIn(`[{webhook: "${HOOK}", ${options}}]`).targets).to.deep.equal([
      {
        type: 'webhook',
        url: HOOK,
        secretFile: '/etc/postblock/hook.secret',
        format: 'slack',
        events: ['end'],
        rules: ['r'],
        timeout: 60_000,
      },
    ]);
  });

  it('notifies nobody where it is not set, or empty', () => {
    expect(parseConfig(RULES, '/p').config).not.to.have.property('onBlock');
    expect(noticesIn('[]')).to.deep.equal({ targets: [], mistakes: [] });
  });

  const PLACES = '{event}, {ip}, {rule}, {until}, {total}, {host}, {text}';
  const WRONG: readonly (readonly [string, string])[] = [
    [
      '{}',
      '1:11: on-block: a mapping is not a list; expected targets such as - webhook: https://hooks.example.org/postblock',
    ],
    [
      '[{}]',
      '1:12: on-block[0].webhook: is missing; expected it to be set, as in webhook: https://hooks.example.org/postblock',
    ],
    [
      '[{command: /bin/x}]',
      '1:22: on-block[0].command: "/bin/x" is not a list; expected a list of the path of a program and its arguments',
    ],
    [
      '[{command: []}]',
      '1:22: on-block[0].command: is empty; expected a list of the path of a program and its arguments',
    ],
    [
      '[{command: [x]}]',
      '1:22: on-block[0].command: does not begin with an absolute path; expected one without placeholders',
    ],
    [
      '[{command: ["/bin/{ip}"]}]',
      '1:22: on-block[0].command: does not begin with an absolute path; expected one without placeholders',
    ],
    [
      '[{command: [/x, "{user}"]}]',
      `1:27: on-block[0].command[1]: holds {user}, which is not known; expected text, with ${PLACES}`,
    ],
    [
      '[{command: [/x], webhook: "http://a"}]',
      '1:12: on-block[0]: has both command and webhook; expected one of them',
    ],
    [
      '[{command: [/x], format: slack}]',
      '1:28: on-block[0].format: is not a known option; expected one of command, events, rules, timeout',
    ],
    [
      '[{webhook: "ftp://a/secret"}]',
      '1:22: on-block[0].webhook: is not a URL of a webhook; expected http://HOST/PATH or https://HOST/PATH',
    ],
    [
      '[{webhook: "http://a:b@c/"}]',
      '1:22: on-block[0].webhook: holds a user or a password; expected a URL without, and secret-file',
    ],
    [
      '[{webhook: "http://a", events: [blocks]}]',
      '1:43: on-block[0].events[0]: "blocks" is not known; expected one of block, spared, end, breaker, trouble',
    ],
    [
      '[{webhook: "http://a", events: []}]',
      '1:42: on-block[0].events: is empty; expected block, spared, end, breaker, trouble',
    ],
    [
      '[{webhook: "http://a", rules: [q]}]',
      '1:42: on-block[0].rules[0]: "q" is not a rule; expected one of r',
    ],
    [
      '[{webhook: "http://a", timeout: 2m}]',
      '1:43: on-block[0].timeout: "2m" is out of range; expected one such as 90s, 10m, 1h30m or 2d, from 1s to 1m',
    ],
    [
      `[${Array.from({ length: 17 }, () => '{webhook: "http://a"}').join(', ')}]`,
      '1:11: on-block: has too many targets; expected at most 16',
    ],
  ];
  for (const [value, mistake] of WRONG)
    it(`reports ${value.slice(0, 60)}`, () => {
      expect(noticesIn(value)).to.deep.equal({ targets: undefined, mistakes: [mistake] });
    });

  it('shows no path of a webhook where it changes', () => {
    const changes = policyChanges(
      configOf(`on-block: [{webhook: "${HOOK}"}]\n${RULES}`),
      configOf(`on-block: [{webhook: "${HOOK}2"}, {command: [/bin/x, "{ip}"], rules: [r]}]\n${RULES}`),
    );
    expect(changes).to.have.lengthOf(1);
    expect(changes[0]).to.match(/^on-block: \+webhook https:\/\/hooks\.example\.org [0-9a-f]{8} json /);
    expect(changes[0]).to.include('+command /bin/x {ip} events block,breaker,trouble rules r timeout 10s');
    expect(changes[0]).not.to.include('secret');
  });
});
