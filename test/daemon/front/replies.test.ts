// Replies while the parts of the daemon are loaded, and after an internal error.

import { expect } from 'chai';
import { Replies, type Witness } from '../../../src/daemon/front/replies.ts';
import type { PolicyRequest } from '../../../src/policy/request.ts';
import { DUNNO } from '../../../src/policy/verdict.ts';
import { EarlyBlocks } from '../../../src/state/early-blocks.ts';
import { AUTH, START, termsOf } from '../../blocks/blocks-fixture.ts';

const BLOCKED = '192.0.2.1';

function requestOf(clientAddress: string, instance: string): PolicyRequest {
  const none = { clientName: 'unknown', protocolState: 'RCPT', stateCode: 0, saslUsername: '' };
  return { clientAddress, instance, ...none };
}

/** Notes the instances and the replies that it gets, and the faults. */
class Notes {
  readonly answered: string[] = [];
  faults = 0;
  readonly witness: Witness = {
    health: {
      answered: ({ instance }, reply) => void this.answered.push(`${instance} ${reply.slice(7, 12)}`),
      fault: () => void this.faults++,
    },
    optional: {},
  };
}

describe('daemon/front/replies', () => {
  it('answers before anything counts its replies, and counts them later', () => {
    const early = new EarlyBlocks(termsOf({ rules: [AUTH] }));
    early.load(BLOCKED, { rule: AUTH.name, since: START - 1000, until: START + 1000 });
    const notes = new Notes();
    const replies = new Replies({ report: () => undefined }, () => START);
    replies.blocks = early;
    expect(replies.answer(requestOf(BLOCKED, 'a'))).to.match(/^action=REJECT /);
    expect(replies.answer(requestOf('192.0.2.2', 'b'))).to.equal(DUNNO);
    replies.witness = notes.witness;
    replies.answer(requestOf(BLOCKED, 'c'));
    expect(notes.answered).to.deep.equal(['a REJEC', 'b DUNNO', 'c REJEC']);
  });

  it('answers DUNNO after an internal error, logs it, and counts it', () => {
    const events: string[] = [];
    const notes = new Notes();
    const replies = new Replies({ report: ({ event }) => void events.push(event) }, () => START);
    replies.blocks = {
      refusing: () => {
        throw new Error('broken');
      },
    };
    expect(replies.answer(requestOf(BLOCKED, 'a'))).to.equal(DUNNO);
    replies.witness = notes.witness;
    expect(replies.answer(requestOf(BLOCKED, 'b'))).to.equal(DUNNO);
    expect(events).to.deep.equal(['fault', 'fault']);
    expect(notes.faults).to.equal(2);
  });
});
