// Loaded into a daemon before all else (node --import): its time runs twenty times as fast, from its start or
// from POSTBLOCK_TEST_BEGIN (ms since 1970) on.

const SPEED = 20;
const real = { now: Date.now, setInterval: globalThis.setInterval };
const begin = Number(process.env.POSTBLOCK_TEST_BEGIN ?? real.now());

Date.now = () => begin + SPEED * (real.now() - begin);
globalThis.setInterval = Object.assign(
  (callback: () => void, ms = 0) => real.setInterval(callback, ms / SPEED),
  real.setInterval,
);
