// Restriction lists as Postfix evaluates them: words, classes, and what each step can do to the rest of the list.

import { expect } from 'chai';
import { stepsOf, wordsOf } from '../../src/wiring/restrictions.ts';

function effects(list: string, classes: Readonly<Record<string, string>> = {}): string[] {
  return stepsOf(list, new Map(Object.entries(classes))).map(
    ({ effect, text, isWarningOnly }) => `${effect}${isWarningOnly ? ' (warning)' : ''}: ${text}`,
  );
}

describe('wiring/restrictions', () => {
  const words: readonly [string, readonly string[]][] = [
    ['', []],
    [' , ', []],
    ['a,b  c\td\n', ['a', 'b', 'c', 'd']],
    ['a { b, c = d } e', ['a', '{ b, c = d }', 'e']],
    ['{ a { b, c } }, d', ['{ a { b, c } }', 'd']],
    ['a } b', ['a', '}', 'b']],
    ['a { b, c', ['a', '{ b, c']],
  ];
  for (const [text, expected] of words) {
    it(`splits ${JSON.stringify(text)} as mystrtokq() does`, () => {
      expect(wordsOf(text)).to.deep.equal(expected);
    });
  }

  const steps: readonly [string, readonly string[]][] = [
    ['permit_mynetworks, reject', ['may-permit: permit_mynetworks', 'refuse: reject']],
    ['PERMIT', ['permit: PERMIT']],
    ['check_policy_service inet:x:1 permit', ['ask: check_policy_service inet:x:1', 'permit: permit']],
    ['check_policy_service { inet:x:1, timeout=2s }', ['ask: check_policy_service { inet:x:1, timeout=2s }']],
    ['reject_rbl_client zen.example.org=127.0.0.2', ['other: reject_rbl_client zen.example.org=127.0.0.2']],
    ['permit_dnswl_client list.example.org', ['may-permit: permit_dnswl_client list.example.org']],
    ['check_client_access hash:/etc/access', ['may-permit: check_client_access hash:/etc/access']],
    ['hash:/etc/access', ['may-permit: hash:/etc/access']],
    ['check_sender_mx_access hash:/x', ['other: check_sender_mx_access hash:/x']],
    ['check_reverse_client_hostname_access hash:/x', ['other: check_reverse_client_hostname_access hash:/x']],
    ['sleep 1, defer', ['other: sleep 1', 'refuse: defer']],
    ['warn_if_reject reject, defer', ['other (warning): reject', 'refuse: defer']],
    ['warn_if_reject check_policy_service unix:p', ['ask (warning): check_policy_service unix:p']],
    ['reject_unauth_destination', ['other: reject_unauth_destination']],
    ['check_policy_service', ['ask: check_policy_service']],
  ];
  for (const [list, expected] of steps) {
    it(`knows what each step of "${list}" can do`, () => {
      expect(effects(list)).to.deep.equal(expected);
    });
  }

  it('puts the steps of a restriction class in its place, all of them under its warn_if_reject', () => {
    const classes = { trusted: 'permit_mynetworks, inner', inner: 'check_policy_service unix:p, permit' };
    expect(effects('a, trusted, b', classes)).to.deep.equal([
      'other: a',
      'may-permit: permit_mynetworks',
      'ask: check_policy_service unix:p',
      'permit: permit',
      'other: b',
    ]);
    expect(effects('warn_if_reject inner b', { inner: 'reject, c' })).to.deep.equal([
      'other (warning): reject',
      'other (warning): c',
      'other: b',
    ]);
  });

  it('ends with classes that name each other, and with a list without end', () => {
    expect(effects('a', { a: 'b b', b: 'a a' })).to.deep.equal([]);
    expect(stepsOf('x '.repeat(5000))).to.have.lengthOf(1000);
  });
});
