// The request parser on Postfix's requests, split anywhere.

import { expect } from 'chai';
import fc from 'fast-check';
import type { PolicyRequest } from '../../src/policy/request.ts';
import { RequestParser } from '../../src/policy/request-parser.ts';
import { fullRequest, type Outcome, parsePieces, piecesOf, requestWith, VERSIONS } from './requests.ts';

/** As every request of fullRequest() has it. */
const INSTANCE = '3a1f.6741f3c2.8b2e.0';
const HEAD = 'request=smtpd_access_policy\n';
const THREE = [
  fullRequest('3.12', { client_address: '192.0.2.1', client_name: 'a.example.org' }),
  fullRequest('2.1', { client_address: '2001:db8::2', client_name: 'unknown' }),
  fullRequest('3.0', { client_address: '192.0.2.3', client_name: 'c.example.org' }),
];
const SENT = { instance: INSTANCE, protocolState: 'RCPT', saslUsername: 'alice' };
const THREE_READ: readonly PolicyRequest[] = [
  requestWith({ clientAddress: '192.0.2.1', clientName: 'a.example.org', ...SENT }),
  requestWith({ clientAddress: '2001:db8::2', clientName: 'unknown', ...SENT, saslUsername: '' }),
  requestWith({ clientAddress: '192.0.2.3', clientName: 'c.example.org', ...SENT }),
];

function parse(text: string): Outcome {
  return parsePieces([Buffer.from(text, 'latin1')]);
}

describe('policy/request-parser', () => {
  describe('reads the attributes that are of use out of a whole request', () => {
    for (const version of VERSIONS) {
      it(`of Postfix ${version}`, () => {
        const text = fullRequest(version, { client_address: '198.51.100.7', client_name: 'mx.example.com' });
        const { requests, error } = parse(text);
        expect(error).to.equal(undefined);
        const saslUsername = version === '2.1' ? '' : 'alice';
        expect(requests).to.deep.equal([
          requestWith({
            clientAddress: '198.51.100.7',
            clientName: 'mx.example.com',
            ...SENT,
            saslUsername,
          }),
        ]);
      });
    }
  });

  it('reads the same requests wherever the stream is cut in two', () => {
    const text = THREE.join('');
    for (let cut = 0; cut <= text.length; cut++) {
      const pieces = [Buffer.from(text.slice(0, cut)), Buffer.from(text.slice(cut))];
      expect(parsePieces(pieces), `cut at ${cut}`).to.deep.equal({ requests: THREE_READ, error: undefined });
    }
  });

  for (const size of [4096, 128, 16, 1]) {
    it(`reads the same requests in pieces of ${size}`, () => {
      expect(parsePieces(piecesOf(THREE.join(''), size)).requests).to.deep.equal(THREE_READ);
    });
  }

  it('reads all requests of one chunk, in their order', () => {
    expect(parse(THREE.join('')).requests).to.deep.equal(THREE_READ);
  });

  it('knows whether a request has begun and not ended', () => {
    const parser = new RequestParser();
    const states: boolean[] = [parser.isWithin];
    for (const piece of ['r', HEAD.slice(1), '\n', `${HEAD}\n`, `${HEAD}\nreq`, HEAD.slice(3), '\n']) {
      parser.push(Buffer.from(piece), () => undefined);
      states.push(parser.isWithin);
    }
    expect(states).to.deep.equal([false, true, true, false, false, true, true, false]);
  });

  it('hands a request on within the push that completes it', () => {
    const parser = new RequestParser();
    let given = 0;
    parser.push(Buffer.from(HEAD), () => given++);
    expect(given).to.equal(0);
    parser.push(Buffer.from('\n'), () => given++);
    expect(given).to.equal(1);
  });

  describe('takes the values', () => {
    const good: readonly (readonly [what: string, lines: string, address: string, name: string])[] = [
      ['as empty where Postfix did not send them', '', '', ''],
      ['that are empty', 'client_address=\nclient_name=\n', '', ''],
      ['with an equals sign in them', 'client_name=a=b\n', '', 'a=b'],
      [
        'of these names alone',
        'client_addresses=192.0.2.1\nclient-address=192.0.2.1\nclient_nam=x\n',
        '',
        '',
      ],
      ['of these names as written', 'CLIENT_ADDRESS=192.0.2.1\nClient_Name=x\n', '', ''],
      ['and not those of other attributes', 'reverse_client_name=x\nhelo_name=client_name=y\n', '', ''],
      [
        'behind attributes it does not know',
        'from_the_future=1\nclient_address=192.0.2.9\n',
        '192.0.2.9',
        '',
      ],
      ['beside an attribute without a name', '=x\nclient_address=192.0.2.9\n', '192.0.2.9', ''],
      ['byte by byte, whatever the bytes', 'client_name=\xff\x00\xe9\n', '', '\xff\x00\xe9'],
    ];
    for (const [what, lines, clientAddress, clientName] of good) {
      it(what, () => {
        const { requests, error } = parse(`${HEAD}${lines}\n`);
        expect(error).to.equal(undefined);
        expect(requests).to.deep.equal([requestWith({ clientAddress, clientName })]);
      });
    }

    it('of each request on its own', () => {
      const { requests } = parse(
        `${HEAD}client_address=192.0.2.1\nclient_name=x\ninstance=1.2.3.4\n\n${HEAD}\n`,
      );
      expect(requests[1]).to.deep.equal(requestWith());
    });
  });

  it('gives the same requests for any chopping of any sequence of well-formed requests', () => {
    const value = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    });
    const line = value.map((text) => text.replaceAll('\n', ' '));
    const other = fc
      .tuple(fc.stringMatching(/^[a-z_]{1,20}$/), line)
      .filter(([name]) => !TAKEN.includes(name));
    const wellFormed = fc.record({
      address: line,
      name: line,
      instance: line,
      others: fc.array(other, { maxLength: 5 }),
    });
    fc.assert(
      fc.property(fc.array(wellFormed, { maxLength: 6 }), fc.infiniteStream(fc.nat(60)), (all, sizes) => {
        const text = all.map(({ address, name, instance, others }) => {
          const lines = others.map(([key, content]) => `${key}=${content}\n`);
          return `client_name=${name}\ninstance=${instance}\n${lines.join('')}${HEAD}client_address=${address}\n\n`;
        });
        const expected = all.map(({ address, name, instance }) =>
          requestWith({ clientAddress: address, clientName: name, instance }),
        );
        const found = parsePieces(chopped(text.join(''), sizes));
        expect(found).to.deep.equal({ requests: expected, error: undefined });
      }),
    );
  });
});

const TAKEN = ['request', 'client_address', 'client_name', 'instance', 'protocol_state', 'sasl_username'];

function* chopped(text: string, sizes: Iterable<number>): Generator<Buffer> {
  let from = 0;
  for (const size of sizes) {
    if (from >= text.length) return;
    yield Buffer.from(text.slice(from, from + size), 'latin1');
    from += size;
  }
}
