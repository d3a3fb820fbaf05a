// The load generator in Node, for machines without a C compiler. It may itself be the limit.
// node dist/test/bench/load-node.js PORT CONNECTIONS WARMUP SECONDS REQUESTS

import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Random } from './month/random.ts';

const [port = 0, connections = 1, warmup = 1, seconds = 1] = process.argv.slice(2, 6).map(Number);
const requests = readFileSync(process.argv[6] ?? '', 'latin1')
  .split('\n\n')
  .filter((text) => text !== '')
  .map((text) => Buffer.from(`${text}\n\n`, 'latin1'));
const random = new Random(1);
const times: number[] = [];
let rejects = 0;
let all = 0;
let isCounting = false;

for (let i = 0; i < connections; i++) {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let sent = 0;
  let reply = '';
  const ask = () => {
    reply = '';
    sent = performance.now();
    socket.write(random.pick(requests));
  };
  socket.on('connect', ask);
  socket.on('data', (chunk) => {
    reply += chunk.toString('latin1');
    if (!reply.endsWith('\n\n')) return;
    all++;
    if (isCounting) {
      times.push(performance.now() - sent);
      if (reply.startsWith('action=R')) rejects++;
    }
    ask();
  });
}

await delay(warmup * 1000);
isCounting = true;
const begin = performance.now();
const cpu = process.cpuUsage();
await delay(seconds * 1000);
const took = performance.now() - begin;
const { user, system } = process.cpuUsage(cpu);
times.sort((a, b) => a - b);
const micros = (share: number) => (times[Math.floor((times.length - 1) * share)] ?? 0) * 1000;
const busy = (user + system) / 1000 / took;
const rate = (times.length / took) * 1000;
const quantiles = { p50: micros(0.5), p99: micros(0.99), p999: micros(0.999), max: micros(1) };
console.log(JSON.stringify({ rate, ...quantiles, rejects, busy, all }));
process.exit();
