// Loaded into a daemon before all else (node --import): its clock is an hour late until SIGUSR2, and right from then on.

const HOUR = 3_600_000;
const now = Date.now;
let late = HOUR;

Date.now = () => now() - late;
process.on('SIGUSR2', () => {
  late = 0;
});
