// Loaded into a daemon before everything else (node --import): for it, time runs twenty times as fast.

const SPEED = 20;
const real = { now: Date.now, setInterval: globalThis.setInterval };
const begin = real.now();

Date.now = () => begin + SPEED * (real.now() - begin);
globalThis.setInterval = Object.assign(
  (callback: () => void, ms = 0) => real.setInterval(callback, ms / SPEED),
  real.setInterval,
);
