// A before-queue content filter (smtpd_proxy_filter) that rejects every message.

import { createServer, type Server, type Socket } from 'node:net';

export const REFUSAL = '550 5.7.1 refused by the content filter';

/** @returns the server and its port on loopback */
export async function refusingProxy(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => serve(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

function serve(socket: Socket): void {
  let text = '';
  let isData = false;
  socket.on('error', () => undefined);
  socket.write('220 filter\r\n');
  socket.on('data', (chunk) => {
    const lines = (text + chunk).split('\r\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const isEnd = isData && line === '.';
      if (isData && !isEnd) continue;
      isData = line.toUpperCase() === 'DATA';
      socket.write(`${isEnd ? REFUSAL : isData ? '354 go on' : '250 ok'}\r\n`);
    }
  });
}
