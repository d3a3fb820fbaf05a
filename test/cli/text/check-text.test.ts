// The text of check: rules with what spares good senders, and the networks that only this host knows.

import { expect } from 'chai';
import { checkText } from '../../../src/cli/text/check-text.ts';
import { configOf, RULES } from '../../config/text.ts';

describe('cli/text/check-text', () => {
  const { rules } = configOf(RULES);

  it('names each rule, and of its options those that are not off', () => {
    const text = RULES.replace(
      'message: No.',
      'message: No., enforce: false, share: 0.5%, forgive: login, passes: authenticated, repeat: {within: 9d, factor: 2, most: 2d}',
    );
    expect(checkText('p.yml', configOf(text))).to.equal(
      'p.yml: no mistakes; rules: r (watched only, share 0.5%, forgive login, passes authenticated, repeat)\n',
    );
    expect(checkText('p.yml', configOf(RULES))).to.equal('p.yml: no mistakes; rules: r\n');
  });

  it('has a line for each keyword that means something else on another host', () => {
    const networks = Array.from({ length: 22 }, (_, i) => `192.0.2.${i}`);
    const allow = [
      { keyword: 'loopback', networks: ['127.0.0.0/8'] },
      { keyword: 'own', networks },
      '198.51.100.1',
      { keyword: 'mynetworks', networks: [] },
    ] as const;
    const [, ...lines] = checkText('p.yml', { rules, allow }).trimEnd().split('\n');
    expect(lines).to.deep.equal([
      `allow: own: ${networks.slice(0, 20).join(', ')} and 2 more`,
      'allow: mynetworks: none',
    ]);
  });
});
