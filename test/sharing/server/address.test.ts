// Where a server is, by its URL or the path of its socket.

import { expect } from 'chai';
import { addressOf, type ServerAddress } from '../../../src/sharing/server/address.ts';

const SOCKET = {
  path: '/run/redis.sock',
  host: '',
  port: 0,
  isTls: false,
  database: 0,
  user: '',
  password: '',
};
const TCP = { host: 'mx1.example.com', port: 6379, isTls: false, database: 0, user: '', password: '' };

describe('sharing/server/address', () => {
  const addresses: readonly (readonly [text: string, address: ServerAddress, kind?: string])[] = [
    ['unix:///run/redis.sock', SOCKET],
    ['/run/redis.sock', SOCKET],
    ['redis://mx1.example.com', TCP],
    ['rediss://mx1.example.com:6380/2', { ...TCP, port: 6380, isTls: true, database: 2 }],
    ['redis://us%40er:p%3Aw@mx1.example.com', { ...TCP, user: 'us@er', password: 'p:w' }],
    ['redis://[2001:db8::1]:7000', { ...TCP, host: '2001:db8::1', port: 7000 }],
    ['redis://mx1.example.com', { ...TCP, port: 26379 }, 'sentinel'],
  ];
  for (const [text, address, kind] of addresses)
    it(`is read from ${text}${kind === undefined ? '' : ` of a ${kind}`}`, () => {
      expect(addressOf(text, kind)).to.deep.equal(address);
    });

  for (const text of ['', 'mx1.example.com', 'run/redis.sock'])
    it(`is not ${JSON.stringify(text)}`, () => {
      expect(() => addressOf(text)).to.throw(TypeError);
    });
});
