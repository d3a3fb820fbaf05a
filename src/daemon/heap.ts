// How far V8's heap may outgrow what lives in it.

import { setFlagsFromString } from 'node:v8';

/**
 * Per cent. V8 lets the heap of a machine with much memory grow to four times what lives in it before it collects: most
 * of the resident memory of a daemon with 100,000 blocked clients would be garbage.
 */
const GROWTH = 50;

export function boundHeap(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}
