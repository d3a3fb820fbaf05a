// When the events of a host are counted late: with the server there, and time to catch up.

import { expect } from 'chai';
import { Lateness } from '../../src/sharing/lateness.ts';
import { MINUTE } from '../../src/values/duration.ts';
import { START } from '../blocks/blocks-fixture.ts';

const UP = { isUp: true, isBarred: false };
const LATE = { mode: 'catching-up', behindSince: START - 10 * MINUTE, backlog: 7 } as const;
type Given = Parameters<Lateness['look']>;

/** Looks each second for two minutes. */
function afterTwoMinutes(reach: Given[0], sender: Given[1], lateness = new Lateness()): string | undefined {
  let reason: string | undefined;
  for (let now = START; now <= START + 2 * MINUTE; now += 1000) reason = lateness.look(reach, sender, now);
  return reason;
}

describe('sharing/lateness', () => {
  it('is a trouble where the server answers and has not counted what is five minutes old', () => {
    expect(afterTwoMinutes(UP, LATE)).to.equal(
      'the server has not counted what this host read in the last 12m: 7 events',
    );
    expect(afterTwoMinutes(UP, { ...LATE, backlog: undefined })).to.match(/ in the last 12m$/);
  });

  const fine: readonly (readonly [when: string, reach: Given[0], sender: Given[1]])[] = [
    ['the server does not answer, which is a trouble itself', { ...UP, isUp: false }, LATE],
    ['the host may not send, which is a trouble itself', { ...UP, isBarred: true }, LATE],
    ['events go out as they are read', UP, { ...LATE, mode: 'live', behindSince: undefined }],
    ['the oldest event is new', UP, { ...LATE, behindSince: START }],
    ['nothing is known of the oldest event', UP, { ...LATE, behindSince: undefined }],
  ];
  for (const [when, reach, sender] of fine)
    it(`is none where ${when}`, () => {
      expect(afterTwoMinutes(reach, sender)).to.equal(undefined);
    });

  it('is none while a host catches up in the first minute', () => {
    const lateness = new Lateness();
    expect(afterTwoMinutes({ ...UP, isUp: false }, LATE, lateness)).to.equal(undefined);
    const back = START + 3 * MINUTE;
    for (let second = 0; second < 50; second++)
      expect(lateness.look(UP, LATE, back + second * 1000)).to.equal(undefined);
  });

  it('is one where the server answers now and then only', () => {
    const lateness = new Lateness();
    let reason: string | undefined;
    for (let second = 0; second < 300; second++)
      reason = lateness.look({ ...UP, isUp: second % 2 === 1 }, LATE, START + second * 1000);
    expect(reason).to.be.a('string');
  });
});
