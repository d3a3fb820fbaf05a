// Exports of the daemon: how much of its time they take.

import { join } from 'node:path';
import { expect } from 'chai';
import { Blocks } from '../../../src/blocks/blocks.ts';
import { termsOf } from '../../../src/config/terms.ts';
import { Exports } from '../../../src/daemon/companions/exports.ts';
import { HOUR, MINUTE } from '../../../src/values/duration.ts';
import { configOf } from '../../config/text.ts';
import { temporaryFolder } from '../../harness/folder.ts';

describe('daemon/companions/exports', () => {
  let now = 0;
  let written: number[];
  let exports: Exports;

  /** A tick after a change, with files that take so many ms. */
  async function change(at: number, took: number): Promise<void> {
    now = at;
    exports.changed({ type: 'lift' } as never);
    exports.tick(now);
    now += took;
    await exports.stop();
  }

  beforeEach(async () => {
    written = [];
    const config = configOf(
      `export: [{format: plain, file: ${join(temporaryFolder(), 'blocked')}}]\nrules: {r: {counts: probe, limit: 3, within: 1h, block-for: 1h, message: No.}}\n`,
    );
    const health = { parts: { exported: () => void written.push(now) } };
    const traffic = { fault: (_: string, error: unknown) => expect.fail(String(error)) };
    exports = new Exports({ blocks: new Blocks(termsOf(config), () => {}), health, traffic }, () => now);
    await exports.adopt(config);
  });

  it('take a tenth of the time at most', async () => {
    await change(0, 2000);
    await change(19_999, 0);
    await change(20_000, 0);
    await change(21_000, 0);
    expect(written).to.deep.equal([2000, 20_000, 21_000]);
  });

  it('come after five minutes, however long they took, and after the clock was set back', async () => {
    await change(HOUR, 5 * MINUTE);
    await change(HOUR + 9 * MINUTE, 0);
    await change(HOUR + 10 * MINUTE, 5 * MINUTE);
    await change(0, 0);
    await change(5 * MINUTE, 0);
    expect(written).to.deep.equal([HOUR + 5 * MINUTE, HOUR + 15 * MINUTE, 5 * MINUTE]);
  });
});
