// The growth of V8's heap, bounded.

import { setFlagsFromString } from 'node:v8';

/**
 * Per cent. On a machine with much memory, V8 lets the heap grow to four times the live objects before it collects
 * garbage: most of the resident memory of a daemon with 100,000 blocked clients would be garbage.
 */
const GROWTH = 50;

export function boundHeap(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}
