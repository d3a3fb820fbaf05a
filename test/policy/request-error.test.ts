// The request parser on invalid requests: a RequestError, nothing else, and always bounded.

import { expect } from 'chai';
import fc from 'fast-check';
import type { PolicyRequest, RequestError } from '../../src/policy/request.ts';
import { MAX_REQUEST } from '../../src/policy/request-parser.ts';
import { fullRequest, parsePieces, piecesOf, requestWith } from './requests.ts';

const HEAD = 'request=smtpd_access_policy\n';
const READ = requestWith({
  clientAddress: '192.0.2.1',
  clientName: 'host.example.org',
  instance: '3a1f.6741f3c2.8b2e.0',
  protocolState: 'RCPT',
});

describe('policy/request-error: what is no request', () => {
  const bad: readonly (readonly [reason: string, text: string, code: RequestError['code']])[] = [
    ['a line without "="', `${HEAD}client_address\n\n`, 'malformed'],
    ['a line without "=" in front', `EHLO mail.example.org\n${HEAD}\n`, 'malformed'],
    ['CRLF line ends, whose last line is not empty', `${HEAD.replace('\n', '\r\n')}\r\n`, 'malformed'],
    ['an HTTP request', 'GET / HTTP/1.1\r\nHost: mail.example.org\r\n\r\n', 'malformed'],
    ['no type', 'client_address=192.0.2.1\n\n', 'foreign'],
    ['nothing but the empty line', '\n', 'foreign'],
    ['a foreign type', 'request=junk_policy\nclient_address=192.0.2.1\n\n', 'foreign'],
    ['a type with more behind it', 'request=smtpd_access_policy2\n\n', 'foreign'],
    ['an empty type', 'request=\n\n', 'foreign'],
    ['an endless value', `${HEAD}sender=${'x'.repeat(MAX_REQUEST)}\n\n`, 'oversized'],
    ['an endless line that has not ended', 'x'.repeat(MAX_REQUEST + 2), 'oversized'],
    ['endless attributes', `${HEAD}${'size=1\n'.repeat(MAX_REQUEST / 7)}\n`, 'oversized'],
  ];
  for (const [reason, text, code] of bad) {
    it(`is refused as ${code}: ${reason}`, () => {
      for (const size of [text.length, 4096, 128, 16, 1]) {
        expect(parsePieces(piecesOf(text, size)).error?.code, `in pieces of ${size}`).to.equal(code);
      }
    });

    it(`is refused after the requests before it were given: ${reason}`, () => {
      for (const size of [1 << 20, 4096, 1]) {
        const { requests, error } = parsePieces(
          piecesOf(fullRequest('3.12') + fullRequest('2.1') + text, size),
        );
        expect(requests, `in pieces of ${size}`).to.deep.equal([{ ...READ, saslUsername: 'alice' }, READ]);
        expect(error?.code, `in pieces of ${size}`).to.equal(code);
      }
    });
  }

  it('says what was wrong in one line that tells a short piece of it', () => {
    const { error } = parsePieces([Buffer.from(`${'EHLO\x1b[31m'.repeat(1000)}\n`)]);
    expect(error?.message).to.match(/^a line without "=": "EHLO/);
    expect(error?.message).to.have.length.below(400);
    expect(error?.message).not.to.match(/[^\x20-\x7e]/);
  });

  it('takes a request of 64 KiB, whole and dripping', () => {
    const text = `${HEAD}sender=${'x'.repeat(MAX_REQUEST - HEAD.length - 'sender=\n\n'.length)}\n\n`;
    expect(text).to.have.length(64 * 1024);
    for (const size of [text.length, 4096, 1]) {
      const { requests, error } = parsePieces(piecesOf(text, size));
      expect(error, `in pieces of ${size}`).to.equal(undefined);
      expect(requests).to.have.length(1);
    }
  });

  it('never holds more of an unfinished request than 64 KiB, in whatever pieces it comes', () => {
    for (const size of [1, 7, 128, 1000, 4096]) {
      let taken = 0;
      const endless = (function* () {
        for (; taken <= 4 * MAX_REQUEST; taken += size) yield Buffer.alloc(size, 'a=b\n');
      })();
      expect(parsePieces(endless).error?.code, `in pieces of ${size}`).to.equal('oversized');
      expect(taken, `in pieces of ${size}`).to.be.at.most(MAX_REQUEST + 1);
    }
  });

  it('goes on for ever with requests that are finished', () => {
    const text = fullRequest('3.12').repeat(400);
    expect(text.length).to.be.above(4 * MAX_REQUEST);
    for (const size of [text.length, 4096, 100]) {
      const { requests, error } = parsePieces(piecesOf(text, size));
      expect(error).to.equal(undefined);
      expect(requests).to.have.length(400);
    }
  });

  it('makes of any bytes, in any pieces, what a plain reading of the whole makes of them', () => {
    const bytes = fc.array(
      fc.oneof(fc.constantFrom(...WORDS), fc.string({ unit: 'binary-ascii', maxLength: 6 })),
    );
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 40 }), (words, size) => {
        const text = words.join('');
        const { requests, error } = parsePieces(piecesOf(text, size));
        const plain = plainly(text);
        expect(requests).to.deep.equal(plain.requests);
        expect(error?.code).to.equal(plain.code);
      }),
      { numRuns: 1000 },
    );
  });

  it('has no error but RequestError for wholly arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (chunks) => {
        const { requests, error } = parsePieces(chunks.map((chunk) => Buffer.from(chunk)));
        const text = Buffer.concat(chunks).toString('latin1');
        expect({ requests, code: error?.code }).to.deep.equal(plainly(text));
      }),
    );
  });
});

const WORDS = [
  '\n',
  '\n\n',
  '=',
  HEAD,
  `${HEAD}\n`,
  'client_address=',
  'client_name=',
  'instance=',
  'protocol_state=',
  'sasl_username=',
  '192.0.2.1\n',
  'request=',
];

/** The protocol read line by line, with all of it at hand. */
function plainly(text: string): { requests: PolicyRequest[]; code: RequestError['code'] | undefined } {
  const requests: PolicyRequest[] = [];
  let values = new Map<string, string>();
  for (const line of text.split('\n').slice(0, -1)) {
    if (line === '') {
      if (values.get('request') !== 'smtpd_access_policy') return { requests, code: 'foreign' };
      const value = (name: string) => values.get(name) ?? '';
      const request = {
        clientAddress: value('client_address'),
        clientName: value('client_name'),
        instance: value('instance'),
        protocolState: value('protocol_state'),
        saslUsername: value('sasl_username'),
      };
      requests.push(requestWith(request));
      values = new Map();
    } else {
      const equals = line.indexOf('=');
      if (equals < 0) return { requests, code: 'malformed' };
      values.set(line.slice(0, equals), line.slice(equals + 1));
    }
  }
  return { requests, code: undefined };
}
