// Descriptors that systemd passes: what is a listening socket, and what is left alone.

import { closeSync, openSync } from 'node:fs';
import { expect } from 'chai';
import { PassedSocket } from '../../src/net/passed-socket.ts';

async function failure(fd: number): Promise<string> {
  return await PassedSocket.open(fd).then(
    () => '',
    (error: Error) => error.message,
  );
}

describe('net/passed-socket', () => {
  for (const path of ['/etc/passwd', '/dev/zero', '/tmp'])
    it(`is not ${path}`, async () => {
      const fd = openSync(path, 'r');
      expect(await failure(fd)).to.equal('it is not a socket');
      closeSync(fd);
    });

  it('is not a descriptor of this process, nor one that is closed', async () => {
    // 3 and 4 are epoll(7) and a pipe of the event loop.
    for (const fd of [3, 4]) expect(await failure(fd)).to.equal('it is not a socket');
    expect(await failure(1_000_000)).to.match(/^EBADF/);
  });
});
