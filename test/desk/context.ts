// What a desk needs beside the blocks, where a test is about none of it.

import type { DeskContext } from '../../src/desk/desk.ts';
import { Turns } from '../../src/desk/find/turns.ts';

export const CONTEXT: DeskContext = {
  flush: async () => undefined,
  history: async () => [],
  searchTrail: async () => undefined,
  turns: new Turns(
    () => 0,
    async () => undefined,
  ),
};
