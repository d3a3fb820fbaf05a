// Policy requests in each form of check_policy_service, with the parameters that they override.

import { expect } from 'chai';
import { policyCall } from '../../src/wiring/policy-call.ts';

const REFUSES = '451 4.3.5 Server configuration problem';
const PARAMETERS = new Map([
  ['smtpd_policy_service_timeout', '1m'],
  ['smtpd_policy_service_try_limit', '3'],
  ['smtpd_policy_service_default_action', 'DUNNO'],
]);

describe('wiring/policy-call', () => {
  it('takes an address with the parameters, and what Postfix does without them', () => {
    const address = 'inet:127.0.0.1:10040';
    const usual = { address, defaultAction: REFUSES, timeout: 100, tryLimit: 2 };
    expect(policyCall(address, new Map())).to.deep.equal(usual);
    expect(policyCall(address, PARAMETERS)).to.deep.equal({
      address,
      defaultAction: 'DUNNO',
      timeout: 60,
      tryLimit: 3,
    });
  });

  it('takes options in braces, also those that hold blanks', () => {
    const call = '{ unix:postblock/policy, timeout=2s, { default_action = 450 try, later }, try_limit=1 }';
    expect(policyCall(call, PARAMETERS)).to.deep.equal({
      address: 'unix:postblock/policy',
      defaultAction: '450 try, later',
      timeout: 2,
      tryLimit: 1,
    });
  });

  for (const [option, mistake] of [
    ['defaultaction=DUNNO', 'there is no option defaultaction'],
    ['smtpd_policy_service_timeout=2s', 'there is no option smtpd_policy_service_timeout'],
    ['DUNNO', 'the option DUNNO has no "="'],
  ] as const) {
    it(`says why Postfix does not accept ${option}`, () => {
      expect(policyCall(`{ unix:p, ${option} }`, PARAMETERS)).to.include({ mistake });
    });
  }

  for (const [text, seconds] of [
    ['5', 5],
    ['5s', 5],
    ['2m', 120],
    ['1h', 3600],
    ['1d', 86_400],
    ['1w', 604_800],
    ['soon', Number.NaN],
  ] as const) {
    it(`reads the time ${text}`, () => {
      expect(policyCall(`{ unix:p, timeout=${text} }`, PARAMETERS).timeout).to.deep.equal(seconds);
    });
  }
});
