// The verdict: REJECT with the rule's text for a blocked client, DUNNO for everyone else.

import { expect } from 'chai';
import { DUNNO, verdict } from '../../src/policy/verdict.ts';
import { HOUR } from '../../src/values/duration.ts';
import { type BlocksOptions, blocksOf, REJECT, START } from './blocks-fixture.ts';
import { fullRequest, parsePieces, piecesOf, STATES, VERSIONS } from './requests.ts';

const LATER = START + HOUR;

/** The reply to a request as Postfix sends it. */
function replyTo(text: string, options: BlocksOptions, now = LATER): string {
  const [request] = parsePieces(piecesOf(text, 4096)).requests;
  if (request === undefined) throw new Error('no request in the text');
  return verdict(request, blocksOf(options), now);
}

function replyToClient(address: string, name: string, options: BlocksOptions, now = LATER): string {
  return verdict({ clientAddress: address, clientName: name, saslUsername: '' }, blocksOf(options), now);
}

describe('policy/verdict', () => {
  it('is action=DUNNO and an empty line for who is not blocked', () => {
    expect(replyToClient('192.0.2.2', 'unknown', { blocked: ['192.0.2.1'] })).to.equal('action=DUNNO\n\n');
  });

  describe('rejects a blocked client with the text of its rule', () => {
    for (const state of STATES) {
      it(`at ${state}`, () => {
        const text = fullRequest('3.12', { protocol_state: state, client_address: '192.0.2.1' });
        expect(replyTo(text, { blocked: ['192.0.2.1'] })).to.equal(REJECT);
        expect(replyTo(text, { blocked: ['192.0.2.7'] })).to.equal(DUNNO);
      });
    }

    for (const version of VERSIONS) {
      it(`of Postfix ${version}`, () => {
        const text = fullRequest(version, { client_address: '192.0.2.1' });
        expect(replyTo(text, { blocked: ['192.0.2.1'] })).to.equal(REJECT);
      });
    }
  });

  it('rejects from the event that began the block on, until its time is over', () => {
    const options = { blocked: ['192.0.2.1'] };
    expect(replyToClient('192.0.2.1', 'unknown', options, START)).to.equal(REJECT);
    expect(replyToClient('192.0.2.1', 'unknown', options, START + 48 * HOUR - 1)).to.equal(REJECT);
    expect(replyToClient('192.0.2.1', 'unknown', options, START + 48 * HOUR)).to.equal(DUNNO);
  });

  describe('knows a blocked client by its address', () => {
    const blocked = ['192.0.2.1', '2001:db8:1:2::3'];
    const good = ['192.0.2.1', '::ffff:192.0.2.1', '2001:db8:1:2::3', '2001:DB8:1:2:ffff::1'];
    for (const address of good) {
      it(`written ${address}`, () => {
        expect(replyToClient(address, 'unknown', { blocked })).to.equal(REJECT);
      });
    }
    const bad: readonly (readonly [address: string, reason: string])[] = [
      ['192.0.2.10', 'another address'],
      ['2001:db8:1:3::3', 'another /64'],
      ['', 'Postfix sent none'],
      ['unknown', 'the client was gone before Postfix could look'],
      ['192.0.2.1 ', 'no address'],
      ['192.0.2.01', 'no address as Postfix prints them'],
      ['host.example.org', 'a name'],
    ];
    for (const [address, reason] of bad) {
      it(`and has no opinion on ${JSON.stringify(address)}: ${reason}`, () => {
        expect(replyToClient(address, 'unknown', { blocked })).to.equal(DUNNO);
      });
    }
  });

  describe('lets the allow list win over a block', () => {
    const good: readonly (readonly [allow: string, name: string, why: string])[] = [
      ['192.0.2.0/24', 'unknown', 'the network'],
      ['host.example.org', 'host.example.org', 'the name that Postfix verified'],
      ['.example.org', 'a.host.example.org', 'a name below the domain'],
      ['host.example.org', 'Host.Example.ORG', 'the name in other letters'],
    ];
    for (const [allow, name, why] of good) {
      it(`for ${why}`, () => {
        expect(replyToClient('192.0.2.1', name, { blocked: ['192.0.2.1'], allow: [allow] })).to.equal(DUNNO);
      });
    }

    const bad: readonly (readonly [allow: string, values: Readonly<Record<string, string>>, why: string])[] =
      [
        [
          'host.example.org',
          { client_name: 'unknown', reverse_client_name: 'host.example.org' },
          'the reverse name',
        ],
        ['host.example.org', { client_name: 'unknown', helo_name: 'host.example.org' }, 'the HELO name'],
        ['example.org', { client_name: 'unknown', sender: 'alice@example.org' }, 'the sender'],
        ['unknown', { client_name: 'unknown', reverse_client_name: 'unknown' }, 'the word for no name'],
        [
          '.example.org',
          { client_name: 'example.org' },
          'the domain itself, where the names below it are listed',
        ],
        [
          'host.example.org',
          { client_name: 'host.example.org.evil.example' },
          'a name that only begins alike',
        ],
        ['.example.org', { client_name: 'evilexample.org' }, 'a name that only ends alike'],
      ];
    for (const [allow, values, why] of bad) {
      it(`but not for ${why}`, () => {
        const text = fullRequest('3.12', { client_address: '192.0.2.1', ...values });
        expect(replyTo(text, { blocked: ['192.0.2.1'], allow: [allow] })).to.equal(REJECT);
      });
    }
  });

  describe('fills in the text', () => {
    const good: readonly (readonly [message: string, text: string])[] = [
      [
        'See https://example.com/?ip={ip} for {rule}',
        'See https://example.com/?ip=192.0.2.1 for rejected-recipients',
      ],
      ['Blocked until {until}.', 'Blocked until 2026-11-25 12:00 UTC.'],
      ['{ip} {ip} {rule}', '192.0.2.1 192.0.2.1 rejected-recipients'],
      ['$& $1 costs nothing for {ip}', '$& $1 costs nothing for 192.0.2.1'],
      ['no places at all', 'no places at all'],
    ];
    for (const [message, text] of good) {
      it(`of ${JSON.stringify(message)}`, () => {
        const options = { blocked: ['192.0.2.1'], rule: { message } };
        expect(replyToClient('192.0.2.1', 'unknown', options)).to.equal(`action=REJECT ${text}\n\n`);
      });
    }
  });

  describe('lets a client that logged in pass', () => {
    const blocked = ['192.0.2.1'];
    const rule = { passes: 'authenticated' } as const;
    const request = (user: string, state = 'RCPT') =>
      fullRequest('3.12', { client_address: '192.0.2.1', sasl_username: user, protocol_state: state });

    it('where the rule of its block does', () => {
      expect(replyTo(request('customer'), { blocked, rule })).to.equal(DUNNO);
      expect(replyTo(request('customer', 'END-OF-MESSAGE'), { blocked, rule })).to.equal(DUNNO);
    });

    it('but nobody else of the same address', () => {
      expect(replyTo(request(''), { blocked, rule })).to.equal(REJECT);
      expect(replyTo(request('', 'CONNECT'), { blocked, rule })).to.equal(REJECT);
    });

    it('and says so where that kept the client from its refusal', () => {
      let passed = 0;
      const ask = (saslUsername: string, clientAddress = '192.0.2.1') =>
        verdict(
          { clientAddress, clientName: 'unknown', saslUsername },
          blocksOf({ blocked, rule }),
          LATER,
          () => {
            passed++;
          },
        );
      ask('');
      ask('customer', '192.0.2.9');
      expect(passed).to.equal(0);
      ask('customer');
      expect(passed).to.equal(1);
    });

    it('but not where the rule does not', () => {
      expect(replyTo(request('customer'), { blocked })).to.equal(REJECT);
    });

    it('by nothing but the user: a method or a sender of SASL is no login', () => {
      const values = { sasl_username: '', sasl_method: 'PLAIN', sasl_sender: 'customer' };
      const text = fullRequest('3.12', { client_address: '192.0.2.1', ...values });
      expect(replyTo(text, { blocked, rule })).to.equal(REJECT);
    });
  });

  it('is DUNNO for a rule that only watches', () => {
    const options = { blocked: ['192.0.2.1'], rule: { enforce: false } };
    expect(replyToClient('192.0.2.1', 'unknown', options)).to.equal(DUNNO);
  });

  it('remembers nothing of what it was asked', () => {
    const blocks = blocksOf({ blocked: ['192.0.2.1'] });
    for (let i = 0; i < 500; i++) {
      verdict(
        { clientAddress: `198.51.100.${i % 256}`, clientName: 'unknown', saslUsername: '' },
        blocks,
        LATER,
      );
      verdict({ clientAddress: '192.0.2.1', clientName: 'unknown', saslUsername: '' }, blocks, LATER);
    }
    expect(blocks.table.size).to.equal(1);
    expect(blocks.refusing('192.0.2.1', () => undefined, LATER)?.block.refused).to.equal(0);
  });
});
