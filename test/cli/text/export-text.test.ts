// Blocked IPs for another program: what of a list it gets.

import { expect } from 'chai';
import { exportText } from '../../../src/cli/text/export-text.ts';

const NOW = Date.UTC(2026, 10, 27);
const until = '2026-11-28T00:00:00.000Z';

describe('cli/text/export-text', () => {
  it('is no network that holds addresses of IPv4 clients', () => {
    const ips = [
      '192.0.2.7',
      '::/64',
      '64:ff9b::/64',
      '2001:db8:1:2::/64',
      '64:ff9b::/32',
      '::/1',
      '2001:db8::1',
    ];
    const blocks = ips.map((ip) => ({ ip, until }));
    expect(exportText(blocks, 'plain', NOW)).to.equal('192.0.2.7\n2001:db8:1:2::/64\n2001:db8::1\n');
    expect(exportText(blocks, 'nft', NOW)).not.to.match(/ (?:::|64:ff9b)/);
  });
});
