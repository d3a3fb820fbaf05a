// The clients of an export: those that the policy service refuses, whoever asks.

import { expect } from 'chai';
import fc from 'fast-check';
import type { AllowItem } from '../../src/blocks/allow.ts';
import { Blocks } from '../../src/blocks/blocks.ts';
import { termsOf } from '../../src/config/terms.ts';
import { blockedNow, type RuledBlock } from '../../src/exports/blocked.ts';
import { HOUR } from '../../src/values/duration.ts';
import { overlaps, parseNetwork } from '../../src/values/network.ts';
import { configOf } from '../config/text.ts';

const NOW = Date.UTC(2026, 10, 24, 19);
const HAND = { by: 'alice', why: 'x' };
const RULE = 'counts: auth-failure, limit: 3, within: 1h, block-for: 1h, message: No.';
const POLICY = `rules: {r: {${RULE}}, watch: {${RULE}, enforce: false}}\n`;

async function gathered(parts: AsyncIterable<readonly RuledBlock[]>): Promise<readonly RuledBlock[]> {
  const all: RuledBlock[] = [];
  for await (const part of parts) all.push(...part);
  return all;
}

describe('exports/blocked: the clients', () => {
  async function exportedOf(
    allow: string,
    ips: readonly string[],
    change?: (blocks: Blocks) => void,
    options = '',
  ) {
    const blocks = new Blocks(termsOf(configOf(options + POLICY)), () => {});
    for (const ip of ips) blocks.impose(ip, 'r', NOW, NOW + HOUR, HAND);
    const config = configOf(`${options}allow: [${allow}]\n${POLICY}`);
    blocks.adopt(termsOf(config), NOW);
    change?.(blocks);
    const items: readonly AllowItem[] = config.allow;
    const found = await gathered(blockedNow(blocks, items, NOW, async () => {}));
    return found.map(({ ip }) => ip).sort();
  }

  it('are those that are blocked now', async () => {
    const ips = ['192.0.2.1', '192.0.2.2', '2001:db8:1:2::7'];
    expect(await exportedOf('', ips)).to.deep.equal(['192.0.2.1', '192.0.2.2', '2001:db8:1:2::/64']);
    const lift = (blocks: Blocks) => void blocks.lift('192.0.2.1', NOW, HAND, undefined);
    expect(await exportedOf('', ips, lift)).to.deep.equal(['192.0.2.2', '2001:db8:1:2::/64']);
  });

  it('are no networks in which the allow list, or an entry by hand, has a part', async () => {
    const ips = ['2001:db8:1:2::7', '2001:db8:1:3::7', '192.0.2.1'];
    expect(await exportedOf('"2001:db8:1:2::25"', ips)).to.deep.equal(['192.0.2.1', '2001:db8:1:3::/64']);
    expect(await exportedOf('"2001:db8:1::/48"', ips)).to.deep.equal(['192.0.2.1']);
    const entry = { entry: '2001:db8:1:3:1::/80', at: NOW, until: NOW + HOUR, hand: HAND };
    const allow = (blocks: Blocks) => void blocks.allow(entry);
    expect(await exportedOf('', ips, allow)).to.deep.equal(['192.0.2.1', '2001:db8:1:2::/64']);
  });

  it('are no networks that hold addresses of IPv4 clients', async () => {
    const ips = ['::5', '64:ff9b::1:0:0', '2001:db8:64::1:0:0:1', '2001:db8:65::1', '192.0.2.1'];
    const found = ['192.0.2.1', '2001:db8:64::/64', '2001:db8:65::/64'];
    expect(await exportedOf('', ips)).to.deep.equal(found);
    const nat64 = 'nat64: ["2001:db8:64::/96"]\n';
    expect(await exportedOf('', ips, undefined, nat64)).to.deep.equal(['192.0.2.1', '2001:db8:65::/64']);
  });

  it('never hold an IPv4 client that is not blocked itself, in any network', async () => {
    // Written as ::ffff:0:0/96, the first would be read as an IPv4 network.
    const prefixes = [
      ['::fffe:0:0/95', 96],
      ['64:ff9b::/96', 96],
      ['2001:db8:64::/96', 96],
      ['2001:db8:100::/40', 40],
    ] as const;
    const network = (text: string) => parseNetwork(text) ?? expect.fail(text);
    const nat64 = 'nat64: ["2001:db8:64::/96", "2001:db8:100::/40"]\n';
    const group = fc.constantFrom('0', '1', '64', '100', 'ff9b', 'ffff', 'db8', '2001');
    const near = fc.array(group, { minLength: 4, maxLength: 4 }).map((groups) => `${groups.join(':')}::9`);
    const known = fc.constantFrom('::9', '64:ff9b::1:0:9', '2001:db8:64::1:0:9', '2001:db8:100:0:100::9');
    const bits = fc.constantFrom(32, 40, 48, 56, 64, 80, 96, 128);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(near, known), { maxLength: 8 }), bits, async (ips, length) => {
        const found = await exportedOf('', ips, undefined, `${nat64}ipv6-prefix: ${length}\n`);
        for (const key of found.filter((ip) => ip.includes(':')))
          for (const [prefix, bits] of prefixes)
            expect(length <= bits && overlaps(network(key), network(prefix)), `${key} ${prefix}`).to.equal(
              false,
            );
      }),
    );
  });

  it('are each there once, while others have their turn and change the table', async () => {
    const blocks = new Blocks(termsOf(configOf(POLICY)), () => {});
    const ip = (i: number) => `198.18.${i >> 8}.${i & 255}`;
    for (let i = 0; i < 5000; i++) blocks.impose(ip(i), 'r', NOW, NOW + HOUR, HAND);
    let turns = 0;
    const found = await gathered(
      blockedNow(blocks, [], NOW, async () => {
        blocks.lift(ip(turns), NOW, HAND, undefined);
        blocks.impose(ip(6000 + turns++), 'r', NOW, NOW + HOUR, HAND);
      }),
    );
    expect(turns).to.be.above(20);
    const ips = new Set(found.map((one) => one.ip));
    expect(ips.size).to.equal(found.length);
    for (let i = 100; i < 5000; i++) expect(ips.has(ip(i)), ip(i)).to.equal(true);
  });
});
