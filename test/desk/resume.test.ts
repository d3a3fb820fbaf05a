// resume at the desk: closes the breaker by hand, recorded before it is done.

import { expect } from 'chai';
import type { DoneAnswer } from '../../src/desk/answers.ts';
import { Desk } from '../../src/desk/desk.ts';
import { CONTROL_VERSION, DeskError } from '../../src/desk/protocol.ts';
import { HOUR } from '../../src/values/duration.ts';
import { BlocksFixture, START } from '../blocks/blocks-fixture.ts';
import { CONTEXT } from './context.ts';

const CUSTOMERS = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
const BREAKER = { clients: 2, share: 0.01, within: HOUR };

/** Blocks with a breaker that the third customer opens. */
function tripped(): BlocksFixture {
  const fixture = new BlocksFixture({ breaker: BREAKER });
  for (const ip of CUSTOMERS) fixture.accept(ip, 0);
  for (const ip of CUSTOMERS) fixture.take(ip, [1, 2, 3]);
  return fixture;
}

/** Requests resume at 10 ms after START. */
async function resume(
  { blocks }: BlocksFixture,
  reason?: string,
  flush = async () => undefined,
): Promise<DoneAnswer> {
  const desk = new Desk(blocks, { ...CONTEXT, flush });
  const request = { version: CONTROL_VERSION, command: 'resume', by: 'alice', reason } as const;
  return (await desk.answer(request as never, START + 10)) as DoneAnswer;
}

async function refusal(answer: Promise<DoneAnswer>): Promise<unknown> {
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof DeskError ? error.code : error;
}

describe('desk/resume', () => {
  it('closes the breaker: the next customer who reaches a limit is blocked', async () => {
    const fixture = tripped();
    expect(fixture.blocks.breaker.opening?.ip).to.equal(CUSTOMERS[2]);
    expect(await resume(fixture, 'new certificate')).to.deep.equal({
      at: new Date(START + 10).toISOString(),
      done: [
        { what: 'resumed', ip: null, rule: null, until: null },
        ...CUSTOMERS.slice(0, 2).map((ip) => ({
          what: 'still-blocked',
          ip,
          rule: 'auth',
          until: new Date(START + 3 + HOUR).toISOString(),
        })),
      ],
    });
    expect(fixture.blocks.breaker.opening).to.equal(undefined);
    fixture.accept('192.0.2.4', 20).take('192.0.2.4', [21, 22, 23]);
    expect(fixture.blocks.recordOf('192.0.2.4')?.block?.rule).to.equal('auth');
  });

  it('leaves the blocks that started before, and names those of customers only', async () => {
    const fixture = tripped().take('198.51.100.1', [4, 5, 6]);
    fixture.blocks.impose('192.0.2.9', 'auth', START, START + HOUR, { by: 'alice', why: 'x' });
    const { done } = await resume(fixture, 'new certificate');
    expect(done.map(({ ip }) => ip)).to.deep.equal([null, '192.0.2.1', '192.0.2.2']);
    expect(CUSTOMERS.map((ip) => fixture.blocks.recordOf(ip)?.block !== undefined)).to.deep.equal([
      true,
      true,
      false,
    ]);
  });

  it('is refused where the breaker is not open', async () => {
    expect(await refusal(resume(new BlocksFixture({ breaker: BREAKER }), 'x'))).to.equal('not-open');
    expect(await refusal(resume(new BlocksFixture(), 'x'))).to.equal('not-open');
  });

  it('is refused without a reason, and closes nothing', async () => {
    const fixture = tripped();
    expect(await refusal(resume(fixture))).to.equal('bad-request');
    expect(fixture.blocks.breaker.opening).to.not.equal(undefined);
  });

  it('says so where it was done and could not be recorded', async () => {
    const full = async () => {
      throw new Error('ENOSPC');
    };
    expect(await refusal(resume(tripped(), 'new certificate', full))).to.equal('not-recorded');
  });
});
