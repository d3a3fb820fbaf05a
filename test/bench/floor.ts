// The floor: a minimal Node server that answers DUNNO to every policy request. It looks only for the empty line.
// node dist/test/bench/floor.js PORT|PATH

import { createServer } from 'node:net';

const ANSWER = 'action=DUNNO\n\n';
const END = Buffer.from('\n\n');
const NEWLINE = 10;

const server = createServer({ noDelay: true }, (socket) => {
  let endsInNewline = false;
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    let from = endsInNewline && chunk[0] === NEWLINE ? 1 : 0;
    let requests = from;
    for (let end = chunk.indexOf(END, from); end >= 0; end = chunk.indexOf(END, from)) {
      requests++;
      from = end + 2;
    }
    endsInNewline = from < chunk.length && chunk[chunk.length - 1] === NEWLINE;
    if (requests === 1) socket.write(ANSWER, 'latin1');
    else if (requests > 1) socket.write(ANSWER.repeat(requests), 'latin1');
  });
});
const [, , where = ''] = process.argv;
const address = where.startsWith('/') ? { path: where } : { host: '127.0.0.1', port: Number(where) };
server.listen({ ...address, backlog: 1024 }, () => console.log('ready'));
