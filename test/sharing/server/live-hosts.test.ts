// How many hosts a server is asked to wait for after a loss.

import { expect } from 'chai';
import { LiveHosts } from '../../../src/sharing/server/live-hosts.ts';

/** A report: the generation and the count. */
type Report = readonly [generation: string, count: number];

function after(...reports: readonly Report[]): number {
  const hosts = new LiveHosts();
  for (const [generation, count] of reports) hosts.seen(generation, count);
  return hosts.count;
}

const lower = Array.from({ length: 59 }, (): Report => ['a', 1]);

describe('sharing/server/live-hosts', () => {
  for (const [what, reports, count] of [
    ['is not known before a report', [], 0],
    ['is what the server knows', [['a', 3]], 3],
    [
      'rises at once',
      [
        ['a', 1],
        ['a', 3],
      ],
      3,
    ],
    ['falls when it was lower for a minute', [['a', 3], ...lower, ['a', 1]], 1],
    ['does not fall before', [['a', 3], ...lower], 3],
    ['does not fall where it was as high in between', [['a', 3], ...lower, ['a', 3], ['a', 1]], 3],
    [
      'is that of before the loss, while an emptied server learns of the hosts again',
      [
        ['a', 3],
        ['b', 1],
        ['b', 2],
      ],
      3,
    ],
  ] as const satisfies readonly (readonly [string, readonly Report[], number])[])
    it(what, () => expect(after(...reports)).to.equal(count));

  it('is that of the emptied server once this host has repeated what that had lost', () => {
    const hosts = new LiveHosts();
    hosts.seen('a', 2);
    hosts.seen('b', 1);
    hosts.repeated();
    hosts.seen('b', 3);
    expect(hosts.count).to.equal(3);
  });
});
