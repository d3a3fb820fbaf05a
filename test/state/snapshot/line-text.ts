// A line of a snapshot as text, for tests.

import type { SavedGoodClient } from '../../../src/blocks/good/saved-good-client.ts';
import { addGoodLine } from '../../../src/state/snapshot/good-line.ts';
import { LineBytes } from '../../../src/state/snapshot/line-bytes.ts';

/** @param add adds one line, or the text of one */
export function lineText(add: (lines: LineBytes) => void): string {
  const lines = new LineBytes();
  add(lines);
  const bytes = lines.takeLast();
  return bytes.toString().trimEnd();
}

export function goodLine(client: SavedGoodClient): string {
  return lineText((lines) => addGoodLine(client, lines));
}
