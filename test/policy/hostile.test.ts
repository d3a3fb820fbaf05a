// Any bytes on any number of connections: nothing throws, memory is bounded, and a good client gets right replies.

import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import fc from 'fast-check';
import { RequestError } from '../../src/policy/request.ts';
import { MAX_REQUEST, RequestParser } from '../../src/policy/request-parser.ts';
import { PolicyClient } from '../harness/daemon.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { superlinear } from '../harness/linear.ts';
import { Chance, scaled } from '../harness/scale.ts';
import { until } from '../harness/until.ts';
import { fullRequest, VERSIONS } from './requests.ts';
import { ANY_PORT, ended, endServices, listen, portOf, type Reports, serviceWith, unix } from './services.ts';

const HEAD = 'request=smtpd_access_policy\n';
const WORDS = [
  HEAD,
  `${HEAD}\n`,
  '\n',
  '\n\n',
  '=',
  '\0',
  '\xff\xfe',
  '\r\n',
  'client_address=192.0.2.66\n',
  'client_name=',
  'x'.repeat(3000),
  'request=',
  'GET / HTTP/1.1\r\n',
  '\x16\x03\x01\x02\x00',
];

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
  fc.array(fc.constantFrom(...WORDS), { maxLength: 8 }).map((words) => Buffer.from(words.join(''), 'latin1')),
);
/** What a client sends: well-formed requests alone, or anything at all. */
const client = fc.oneof(
  fc
    .array(fc.constantFrom(...VERSIONS), { maxLength: 4 })
    .map((versions) => ({ versions, noise: undefined })),
  fc.array(bytes, { maxLength: 4 }).map((noise) => ({ versions: [], noise })),
);

/** A socket that does not read its replies, or is silent, or ends at once, or only half. */
function garbage(where: NetConnectOpts, chance: Chance): Socket {
  const socket = ended(connect(where));
  const pieces = Array.from({ length: chance.below(6) }, () => {
    const random = Buffer.from(Array.from({ length: chance.below(400) }, () => chance.below(256)));
    const words = Array.from({ length: chance.below(5) }, () => chance.pick(WORDS)).join('');
    return chance.below(2) === 0
      ? random
      : Buffer.from(words + fullRequest('3.12').slice(chance.below(300)), 'latin1');
  });
  for (const piece of pieces) socket.write(piece);
  const end = chance.below(5);
  if (end === 0) socket.end();
  else if (end === 1) socket.destroy();
  else if (end === 2) socket.write(fullRequest('3.12').repeat(50));
  else if (end === 3) socket.resume();
  return socket;
}

describe('policy/hostile: hostile connections', () => {
  afterEach(endServices);

  it('leave every other connection its right requests, however the pieces of all come mixed', () => {
    fc.assert(
      fc.property(
        fc.array(client, { minLength: 2, maxLength: 6 }),
        fc.infiniteStream(fc.nat(5000)),
        (clients, numbers) => {
          const asked = clients.map(({ versions }, i) =>
            versions.map((version) => ({ version, address: `192.0.2.${i}` })),
          );
          const streams = clients.map(({ noise }, i) =>
            noise === undefined
              ? Buffer.from(
                  (asked[i] ?? [])
                    .map(({ version, address }) => fullRequest(version, { client_address: address }))
                    .join(''),
                )
              : Buffer.concat(noise),
          );
          const parsers = streams.map((rest) => ({
            rest,
            parser: new RequestParser(),
            addresses: [] as string[],
            isOver: false,
          }));
          const next = () => Number(numbers.next().value);
          while (parsers.some(({ rest, isOver }) => !isOver && rest.length > 0)) {
            const going = parsers.filter(({ rest, isOver }) => !isOver && rest.length > 0);
            const one = going[next() % going.length];
            if (one === undefined) break;
            const length = 1 + (next() % 400);
            try {
              one.parser.push(Buffer.from(one.rest.subarray(0, length)), ({ clientAddress }) =>
                one.addresses.push(clientAddress),
              );
            } catch (error) {
              expect(error).to.be.instanceOf(RequestError);
              one.isOver = true;
            }
            one.rest = one.rest.subarray(length);
          }
          for (const [i, { noise }] of clients.entries()) {
            if (noise === undefined)
              expect(parsers[i]).to.deep.include({
                isOver: false,
                addresses: (asked[i] ?? []).map(({ address }) => address),
              });
          }
        },
      ),
      { numRuns: scaled(1000) },
    );
  });

  it('keep four times the largest request at most, whatever they send and in whatever pieces', () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    // Buffers are freed in the background: the second time waits for what the first has started.
    const collect = () => [gc(), gc()];
    const count = 50;
    for (const [line, size] of [
      ['a=b\n', 1000],
      ['x', 65_536],
      ['x', 7],
      [HEAD, 65_535],
      [`${HEAD}\n${'x'.repeat(500)}`, 65_536],
    ] as const) {
      collect();
      const before = process.memoryUsage().arrayBuffers;
      const parsers = Array.from({ length: count }, () => new RequestParser());
      for (const parser of parsers) {
        try {
          for (let sent = 0; sent < 3 * MAX_REQUEST; sent += size)
            parser.push(Buffer.alloc(size, line), () => undefined);
        } catch (error) {
          expect(error).to.be.instanceOf(RequestError);
        }
      }
      collect();
      expect((process.memoryUsage().arrayBuffers - before) / count, `${line} by ${size}`).to.be.below(
        4 * MAX_REQUEST + 1024,
      );
      expect(parsers).to.have.length(count);
    }
  });

  it('cost no more than linear time, whole and in pieces', () => {
    const feed = (text: string) => {
      const parser = new RequestParser();
      const all = Buffer.from(text, 'latin1');
      try {
        for (let from = 0; from < all.length; from += 100)
          parser.push(all.subarray(from, from + 100), () => undefined);
      } catch (error) {
        expect(error).to.be.instanceOf(RequestError);
      }
    };
    expect(
      superlinear(
        feed,
        ['=', 'a=\n', 'x', `${HEAD}\n`, fullRequest('3.12')].map((pump) => ({ pump })),
      ),
    ).to.deep.equal([]);
  });

  for (const kind of ['unix', 'TCP'] as const) {
    it(`by the hundred over ${kind} are evicted, and a good client beside them gets right answers`, async () => {
      const reports: Reports = serviceWith();
      const path = join(temporaryFolder(), 'policy.sock');
      await listen(reports.service, unix(path), ANY_PORT);
      const where = kind === 'unix' ? { path } : { host: '127.0.0.1', port: portOf(reports.service) };
      const good = await PolicyClient.open(
        kind === 'unix' ? path : { host: '127.0.0.1', port: portOf(reports.service) },
      );
      const chance = new Chance();
      const sockets: Socket[] = [];
      for (let i = 0; i < scaled(120); i++) {
        sockets.push(garbage(where, chance));
        if (sockets.length > 80) sockets.shift()?.destroy();
        const address = `198.51.100.${i % 256}`;
        expect(await good.ask({ client_address: address })).to.equal(`action=${address}`);
      }
      for (const socket of sockets) socket.destroy();
      await until('only the good one', () => reports.service.connections === 1);
      expect(good.received, 'nothing that it did not ask for').to.equal('');
      expect(reports.failed).to.deep.equal([]);
      expect(reports.refused.length).to.be.above(0);
      good.close();
    });
  }
});
