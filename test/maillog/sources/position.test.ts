// Positions in a snapshot: valid ones are used, damaged ones are not.

import { expect } from 'chai';
import { isPosition } from '../../../src/maillog/sources/source.ts';

const AFTER = { inode: 4711, modified: '1795430409000000000' };
const FILE = { type: 'file', path: '/var/log/mail.log', inode: 7, offset: 100, mark: 'bWFyaw==' };

describe('maillog/sources/position: a position', () => {
  for (const [what, value] of [
    ['in a file', FILE],
    ['at the beginning of a file', { ...FILE, offset: 0, mark: '' }],
    ['with the time of its last record', { ...FILE, at: '2026-11-23T12:00:00.000Z' }],
    ['behind a file that was read to its end', { ...FILE, after: AFTER }],
    ['in the journal', { type: 'journal', cursor: 's=1' }],
    ['before the first entry of the journal', { type: 'journal', since: '2026-11-23T12:00:00.000Z' }],
  ] as const) {
    it(`${what} is one`, () => expect(isPosition(value)).to.equal(true));
  }

  const damaged: readonly (readonly [what: string, value: unknown])[] = [
    ['nothing', null],
    ['a text', 'file'],
    ['of another kind', { ...FILE, type: 'pipe' }],
    ['without a path', { ...FILE, path: undefined }],
    ['with half an inode', { ...FILE, inode: 7.5 }],
    ['before the beginning', { ...FILE, offset: -1 }],
    ['beyond all files', { ...FILE, offset: 2 ** 60 }],
    ['without its mark', { ...FILE, mark: undefined }],
    ['at no time', { ...FILE, at: 'noon' }],
    ['behind a text', { ...FILE, after: 'file' }],
    ['behind null', { ...FILE, after: null }],
    ['behind a file without an inode', { ...FILE, after: { modified: AFTER.modified } }],
    ['behind a file with a text for its inode', { ...FILE, after: { ...AFTER, inode: '4711' } }],
    ['behind a file whose time is a number', { ...FILE, after: { ...AFTER, modified: 1_795_430_409 } }],
    ['behind a file whose time is no number', { ...FILE, after: { ...AFTER, modified: 'noon' } }],
    ['behind a file whose time has no end', { ...FILE, after: { ...AFTER, modified: '1'.repeat(21) } }],
    ['in the journal with a number for its cursor', { type: 'journal', cursor: 1 }],
    ['in the journal since no time', { type: 'journal', since: 'noon' }],
  ];
  for (const [what, value] of damaged) {
    it(`${what} is none`, () => expect(isPosition(value)).to.equal(false));
  }
});
