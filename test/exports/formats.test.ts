// The forms of exports, as the programs themselves read them.

import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { EXPORT_FORMATS, type ExportFormat } from '../../src/config/fields/export-formats.ts';
import { type Blocked, exportParts } from '../../src/exports/formats.ts';
import { DAY, HOUR } from '../../src/values/duration.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { describeReal, HAPROXY, NFT, POSTMAP } from '../harness/real.ts';

const NOW = Date.UTC(2026, 10, 24, 19);
const BLOCKED: readonly Blocked[] = [
  { ip: '192.0.2.7', until: NOW + HOUR },
  { ip: '2001:db8:1:2::/64', until: NOW + 1500 },
  { ip: '2001:db8:1::1', until: NOW + 366 * DAY },
  { ip: '192.0.2.8', until: NOW },
];
const MANY: readonly Blocked[] = Array.from({ length: 20_000 }, (_, i) => ({
  ip: i % 2 === 0 ? `198.18.${i >> 8}.${i & 255}` : `2001:db8:${i.toString(16)}::/64`,
  until: NOW + HOUR,
}));

function exported(format: ExportFormat, blocked = BLOCKED): string {
  return [...exportParts(format, blocked, NOW)].join('');
}

function fileOf(format: ExportFormat, blocked = BLOCKED): string {
  const path = join(temporaryFolder(), format);
  writeFileSync(path, exported(format, blocked));
  return path;
}

describe('exports/formats: an export', () => {
  it('is one client on a line', () => {
    expect(exported('plain')).to.equal('192.0.2.7\n2001:db8:1:2::/64\n2001:db8:1::1\n192.0.2.8\n');
    expect(exported('postscreen')).to.match(/^192\.0\.2\.7\treject\n2001:db8:1:2::\/64\treject\n/);
  });

  it('of nobody is an empty list, and for nft empties the sets', () => {
    const lines = EXPORT_FORMATS.map((format) => exported(format, []).split('\n').length - 1);
    expect(lines).to.deep.equal([0, 0, 5, 0]);
  });

  it('comes in parts, so that none takes long', () => {
    for (const format of EXPORT_FORMATS)
      for (const part of exportParts(format, MANY, NOW)) expect(part.length).to.be.below(40_000);
  });

  it('has the seconds that are left for nft, at least one', () => {
    expect(exported('nft')).to.include('{ 192.0.2.7 timeout 3600s, 192.0.2.8 timeout 1s }');
    expect(exported('nft')).to.include('{ 2001:db8:1:2::/64 timeout 2s, ');
  });

  it('has no network within another one for nft', () => {
    const nested = ['2001:db8:1:2::/64', '2001:db8:1::/48', '2001:db8:2:2::/64', '2001:db8:1:2::5'];
    const text = exported(
      'nft',
      nested.map((ip) => ({ ip, until: NOW + HOUR })),
    );
    expect(text.match(/2001\S+/g)).to.deep.equal(['2001:db8:1::/48', '2001:db8:2:2::/64']);
  });
});

describeReal('exports/formats: nft', NFT, () => {
  const nft = (...commands: readonly string[]) =>
    execFileSync('unshare', ['--net', 'sh', '-c', commands.join(' && ')], { encoding: 'utf8' });

  it('reads the file, and again, as one transaction', () => {
    const file = fileOf('nft');
    const list = nft(`nft -c -f ${file}`, `nft -f ${file}`, `nft -f ${file}`, 'nft list ruleset');
    expect(list).to.match(/192\.0\.2\.7 timeout 1h expires (?:1h|59m)/);
    expect(list).to.include('2001:db8:1::1 timeout 366d');
    expect(list).to.include('2001:db8:1:2::/64 timeout 2s');
  });

  it('removes those that are no longer in it, and keeps rules that use the sets', () => {
    const [one, none] = [fileOf('nft'), fileOf('nft', [])];
    const chain = "'{ type filter hook input priority 0; }'";
    const rule = 'nft add rule inet postblock input tcp dport 25 ip saddr @blocked4 reject with tcp reset';
    const list = nft(
      `nft -f ${one}`,
      `nft add chain inet postblock input ${chain}`,
      rule,
      `nft -f ${none}`,
      'nft list ruleset',
    );
    expect(list).to.include('ip saddr @blocked4');
    expect(list).not.to.include('192.0.2.7');
  });

  it('reads 20,000 clients, and networks after a change of the prefix', () => {
    const nested = [...MANY, { ip: '2001:db8::/32', until: NOW + HOUR }];
    const list = nft(
      `nft -f ${fileOf('nft', MANY)}`,
      `nft -f ${fileOf('nft', nested)}`,
      'nft list set inet postblock blocked6',
    );
    expect(list).to.include('2001:db8::/32');
  });
});

describeReal('exports/formats: HAProxy', HAPROXY, () => {
  for (const [what, blocked] of [
    ['some clients', BLOCKED],
    ['20,000 clients', MANY],
    ['nobody', []],
  ] as const)
    it(`reads ${what}`, () => {
      const path = join(temporaryFolder(), 'haproxy.cfg');
      const lines = [
        'defaults',
        '  mode tcp',
        '  timeout connect 1s',
        '  timeout client 1s',
        '  timeout server 1s',
        'frontend smtp',
        '  bind 127.0.0.1:10025',
        `  acl blocked src -f ${fileOf('haproxy', blocked)}`,
        '  tcp-request connection reject if blocked',
        '  default_backend postfix',
        'backend postfix',
        '  server one 127.0.0.1:10026',
        '',
      ];
      writeFileSync(path, lines.join('\n'));
      const { status, stderr } = spawnSync('haproxy', ['-c', '-f', path], { encoding: 'utf8' });
      expect(status, stderr).to.equal(0);
    });
});

describeReal('exports/formats: Postfix', POSTMAP, () => {
  it('finds the clients in the cidr table, and no others', () => {
    const table = `cidr:${fileOf('postscreen', [...BLOCKED, ...MANY])}`;
    const asked = ['192.0.2.7', '2001:db8:1:2::25', '2001:db8:1::1', '192.0.2.9', '2001:db8:ffff::1'];
    const answers = asked.map((ip) => {
      const { stdout, stderr } = spawnSync('postmap', ['-q', ip, table], { encoding: 'utf8' });
      expect(stderr).to.equal('');
      return stdout.trim();
    });
    expect(answers).to.deep.equal(['reject', 'reject', 'reject', '', '']);
  });
});
