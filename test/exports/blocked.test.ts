// The clients of an export: those that the policy service refuses, whoever asks.

import { expect } from 'chai';
import type { AllowItem } from '../../src/blocks/allow.ts';
import { Blocks } from '../../src/blocks/blocks.ts';
import { termsOf } from '../../src/config/terms.ts';
import { blockedNow } from '../../src/exports/blocked.ts';
import { HOUR } from '../../src/values/duration.ts';
import { configOf } from '../config/text.ts';

const NOW = Date.UTC(2026, 10, 24, 19);
const HAND = { by: 'alice', why: 'x' };
const RULE = 'counts: auth-failure, limit: 3, within: 1h, block-for: 1h, message: No.';
const POLICY = `rules: {r: {${RULE}}, watch: {${RULE}, enforce: false}}\n`;

describe('exports/blocked: the clients', () => {
  async function exportedOf(allow: string, ips: readonly string[], change?: (blocks: Blocks) => void) {
    const blocks = new Blocks(termsOf(configOf(POLICY)), () => {});
    for (const ip of ips) blocks.impose(ip, 'r', NOW, NOW + HOUR, HAND);
    const config = configOf(`allow: [${allow}]\n${POLICY}`);
    blocks.adopt(termsOf(config), NOW);
    change?.(blocks);
    const items: readonly AllowItem[] = config.allow;
    const found = await blockedNow(blocks, items, NOW, async () => {});
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

  it('are each there once, while others have their turn and change the table', async () => {
    const blocks = new Blocks(termsOf(configOf(POLICY)), () => {});
    const ip = (i: number) => `198.18.${i >> 8}.${i & 255}`;
    for (let i = 0; i < 5000; i++) blocks.impose(ip(i), 'r', NOW, NOW + HOUR, HAND);
    let turns = 0;
    const found = await blockedNow(blocks, [], NOW, async () => {
      blocks.lift(ip(turns), NOW, HAND, undefined);
      blocks.impose(ip(6000 + turns++), 'r', NOW, NOW + HOUR, HAND);
    });
    expect(turns).to.be.above(20);
    const ips = new Set(found.map((one) => one.ip));
    expect(ips.size).to.equal(found.length);
    for (let i = 100; i < 5000; i++) expect(ips.has(ip(i)), ip(i)).to.equal(true);
  });
});
