// The progress bar of a replay: one line on a terminal, and nothing elsewhere.

import { expect } from 'chai';
import { Progress, progressText } from '../../src/replay/progress.ts';

const MIB = 1 << 20;
const READING = { bytes: 25 * MIB, total: 100 * MIB, lines: 500_000 };

class FakeScreen {
  readonly isTTY: boolean;
  readonly columns: number;
  text = '';

  constructor(isTTY: boolean, columns = 80) {
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string): void {
    this.text += text;
  }
}

describe('replay/progress', () => {
  it('shows bytes, lines per second and the time left', () => {
    expect(progressText(READING, 2000)).to.equal(
      '[######..................] 25% 25 of 100 MiB, 250,000 lines/s, 6s left',
    );
  });

  it('shows no share of an input of unknown size', () => {
    expect(progressText({ ...READING, total: undefined }, 2000)).to.equal('25 MiB, 250,000 lines/s');
    expect(progressText({ bytes: 0, total: 0, lines: 0 }, 0)).to.equal('0 MiB, 0 lines/s');
  });

  it('shows no time left before anything is read, and never more than 100 %', () => {
    expect(progressText({ bytes: 0, total: MIB, lines: 0 }, 1)).to.match(
      /^\[\.{24}\] 0% 0 of 1 MiB, 0 lines\/s$/,
    );
    expect(progressText({ bytes: 3, total: 2, lines: 1 }, 1000)).to.match(/^\[#{24}\] 100% .* 0s left$/);
  });

  it('writes nothing where standard error is not a terminal', () => {
    const screen = new FakeScreen(false);
    const progress = new Progress(screen, 0);
    for (let now = 0; now < 10_000; now += 100) progress.update(READING, now);
    progress.clear();
    expect(screen.text).to.equal('');
  });

  it('writes nothing for a replay that ends at once', () => {
    const screen = new FakeScreen(true);
    const progress = new Progress(screen, 0);
    progress.update(READING, 150);
    progress.clear();
    expect(screen.text).to.equal('');
  });

  it('redraws one line, not too often, and erases it at the end', () => {
    const screen = new FakeScreen(true);
    const progress = new Progress(screen, 0);
    for (let now = 0; now < 1000; now += 50) progress.update(READING, now);
    progress.clear();
    progress.clear();
    const drawn = screen.text.split('\r\x1b[K');
    expect(drawn.length).to.equal(6);
    expect([drawn[0], drawn.at(-1)]).to.deep.equal(['', '']);
    expect(screen.text).to.not.contain('\n');
  });

  for (const [columns, most] of [
    [40, 39],
    [10, 9],
    [0, 79],
  ] as const) {
    it(`stays on one line of a terminal that reports ${columns} columns`, () => {
      const screen = new FakeScreen(true, columns);
      new Progress(screen, 0).update(READING, 2000);
      const line = screen.text.replace('\r\x1b[K', '');
      expect(line).to.equal(progressText(READING, 2000).slice(0, most));
    });
  }
});
