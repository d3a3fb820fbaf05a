// What is kept of a log does not keep the log.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { own } from '../../src/values/detached-string.ts';

const PIECE = 1 << 18;
const PIECES = 400;

describe('values/detached-string', () => {
  it('gives the same text', () => {
    for (const text of [
      '',
      'a',
      '192.0.2.1',
      '2001:db8::1',
      'mail-server.example.net[192.0.2.123]',
      'é\u0100 ',
    ]) {
      expect(own(text)).to.equal(text);
    }
  });

  it('lets go of what the text was cut from', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    collect();
    const before = process.memoryUsage().heapUsed;
    const kept: string[] = [];
    for (let i = 0; i < PIECES; i++) {
      const piece = Buffer.alloc(PIECE, `mail-${i}.example.net[192.0.2.${i}] `).toString('latin1');
      kept.push(own(piece.slice(7, 40)));
    }
    collect();
    const grown = process.memoryUsage().heapUsed - before;
    expect(kept).to.have.length(PIECES);
    expect(grown).to.be.below((PIECE * PIECES) / 10);
  });
});
