// Addresses of check_policy_service, and the listeners of policy.yml that they reach.

import { expect } from 'chai';
import type { ListenSpec } from '../../src/net/listen.ts';
import { endpointOf, reaches } from '../../src/wiring/endpoint.ts';

const QUEUE = '/var/spool/postfix';
const OUTSIDE = { queueDirectory: QUEUE, isChrooted: false };
const CHROOTED = { queueDirectory: QUEUE, isChrooted: true };

function inet(host: string, port = 10040): ListenSpec {
  return { type: 'inet', host, port };
}

function unix(path: string): ListenSpec {
  return { type: 'unix', path, mode: 0o660 };
}

describe('wiring/endpoint', () => {
  const cases: readonly [string, ListenSpec, boolean][] = [
    ['inet:127.0.0.1:10040', inet('127.0.0.1'), true],
    ['inet:127.0.0.1:10041', inet('127.0.0.1'), false],
    ['inet:192.0.2.1:10040', inet('127.0.0.1'), false],
    ['inet:[127.0.0.1]:10040', inet('127.0.0.1'), true],
    ['inet:localhost:10040', inet('127.0.0.1'), true],
    ['inet:localhost:10040', inet('::1'), true],
    ['inet:10040', inet('127.0.0.1'), true],
    ['inet::10040', inet('127.0.0.1'), true],
    ['inet:localhost:10040', inet('192.0.2.1'), false],
    ['inet:127.0.0.1:10040', inet('localhost'), true],
    ['inet:192.0.2.1:10040', inet('0.0.0.0'), true],
    ['inet:[2001:db8::1]:10040', inet('0.0.0.0'), false],
    ['inet:[2001:db8::1]:10040', inet('::'), true],
    ['inet:[2001:DB8:0::1]:10040', inet('2001:db8::1'), true],
    ['inet:[ipv6:::1]:10040', inet('::1'), true],
    ['inet:::1:10040', inet('::1'), true],
    ['inet:mx1.example.org:10040', inet('192.0.2.1'), true],
    ['inet:127.0.0.1:policyd', inet('127.0.0.1'), false],
    ['inet:[127.0.0.1', inet('127.0.0.1'), false],
    ['127.0.0.1:10040', inet('127.0.0.1'), false],
    ['unix:postblock/policy', unix(`${QUEUE}/postblock/policy`), true],
    ['unix:postblock/policy', unix('/run/postblock/policy'), false],
    ['local:postblock/policy', unix(`${QUEUE}/postblock/policy`), true],
    ['unix:/run/postblock/policy', unix('/run/postblock/policy'), true],
    ['unix:/run/../run/postblock/policy', unix('/run/postblock/policy'), true],
    ['unix:', unix('/'), false],
    ['', inet('127.0.0.1'), false],
  ];
  for (const [address, listener, expected] of cases) {
    const where = listener.type === 'unix' ? listener.path : `${listener.host} ${listener.port}`;
    it(`${address} ${expected ? 'reaches' : 'does not reach'} ${where}`, () => {
      const endpoint = endpointOf(address, OUTSIDE);
      expect(endpoint !== undefined && reaches(endpoint, [inet('192.0.2.9'), listener])).to.equal(expected);
    });
  }

  it('is below the queue directory for a chrooted service, with a path of either form', () => {
    for (const written of ['postblock/policy', '/postblock/policy'])
      expect(endpointOf(`unix:${written}`, CHROOTED)).to.deep.equal({
        type: 'unix',
        written,
        path: `${QUEUE}/postblock/policy`,
      });
  });
});
