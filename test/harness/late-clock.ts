// Loaded into a daemon before all else (node --import): its clock is an hour late until SIGUSR2, and right from then on.

import { HOUR } from '../../src/values/duration.ts';

const now = Date.now;
let late = HOUR;

Date.now = () => now() - late;
process.on('SIGUSR2', () => {
  late = 0;
});
