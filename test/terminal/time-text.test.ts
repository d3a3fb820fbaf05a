// Times as text: in the zone of the reader beside UTC, rounded so that the end and the time left agree.

import { expect } from 'chai';
import fc from 'fast-check';
import { wrapped } from '../../src/terminal/text.ts';
import {
  enclosedText,
  endsIn,
  endText,
  momentText,
  pastText,
  rowTime,
  utcText,
  zoneTitle,
} from '../../src/terminal/time-text.ts';
import { localZone } from '../../src/terminal/zone.ts';
import { inZone } from '../harness/zone.ts';

const NOW = Date.parse('2026-11-24T19:09:10.000Z');
const UTC = { now: NOW };
const BERLIN = { now: NOW, zone: 'Europe/Berlin' };
const AT = '2026-11-24T19:04:05.000Z';
const LATE = '2026-11-23T23:09:59.999Z';

describe('terminal/time-text', () => {
  const table: readonly [what: string, text: string, wanted: string][] = [
    ['a moment is the minute that it lies in', momentText(LATE, UTC), '2026-11-23 23:09 UTC'],
    [
      'a moment has the local time, and that of UTC',
      momentText(AT, BERLIN),
      '2026-11-24 20:04 CET (19:04 UTC)',
    ],
    [
      'UTC has its day where that is another',
      momentText(LATE, BERLIN),
      '2026-11-24 00:09 CET (11-23 23:09 UTC)',
    ],
    [
      'summer has its own name',
      momentText('2026-07-01T12:00:00.000Z', BERLIN),
      '2026-07-01 14:00 CEST (12:00 UTC)',
    ],
    [
      'a zone without a name has its offset',
      momentText(AT, { now: NOW, zone: 'Asia/Kathmandu' }),
      '2026-11-25 00:49 +5:45 (11-24 19:04 UTC)',
    ],
    ['what is past has its age', pastText(AT, UTC), '2026-11-24 19:04 UTC (5m 5s ago)'],
    [
      'what is past has its age beside UTC',
      pastText(AT, BERLIN),
      '2026-11-24 20:04 CET (19:04 UTC, 5m 5s ago)',
    ],
    ['a moment stands in parentheses', enclosedText(AT, BERLIN), '2026-11-24 20:04 CET, 19:04 UTC'],
    ['an end is the minute after it', endText('2026-11-23T23:59:00.001Z', UTC), '2026-11-24 00:00 UTC'],
    [
      'an end at a full minute is that minute',
      endText('2026-11-23T23:59:00.000Z', UTC),
      '2026-11-23 23:59 UTC',
    ],
    [
      'the time left leads to the end',
      endsIn('2026-11-24T20:09:09.000Z', UTC),
      'ends in 1h 1m (2026-11-24 20:10 UTC)',
    ],
    [
      'the time left leads to the end in each zone',
      endsIn('2026-11-24T20:09:09.000Z', BERLIN),
      'ends in 1h 1m (2026-11-24 21:10 CET, 20:10 UTC)',
    ],
    ['a row has its second', rowTime(LATE), '11-23 23:09:59'],
    ['a row has its local second', rowTime(LATE, BERLIN.zone), '11-24 00:09:59'],
    ['a column names UTC', zoneTitle([AT]), 'UTC'],
    ['a column names its zone', zoneTitle([AT, LATE], BERLIN.zone), 'CET'],
    ['a column of two zones is local', zoneTitle([AT, '2026-07-01T12:00:00.000Z'], BERLIN.zone), 'local'],
    ['no time stands as it is', utcText('yesterday'), 'yesterday'],
    ['no time stands as it is in each zone', pastText('yesterday', BERLIN), 'yesterday (0s ago)'],
    ['no end stands as it is', endText('\x1b', UTC), '\\x1b'],
    ['what is no time takes no more room', utcText('x'.repeat(99)), `${'x'.repeat(19)}…`],
    ['what is no time of a row takes no more room', rowTime('x'.repeat(99)), `${'x'.repeat(13)}…`],
    ['no time of a row stands as it is', rowTime('\x1b'), '\\x1b'],
  ];
  for (const [what, text, wanted] of table) {
    it(what, () => expect(wrapped(text, Number.POSITIVE_INFINITY)).to.deep.equal([wanted]));
  }

  it('gives the end where the time left is added to the minute that a clock shows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 0, max: 1e8 }), (left, start) => {
        const now = NOW + start;
        const until = new Date(now + left).toISOString();
        const [text = ''] = wrapped(endsIn(until, { now }), Number.POSITIVE_INFINITY);
        const [, days, hours, minutes, end = ''] =
          /^ends in (?:(\d+)d ?)?(?:(\d+)h ?)?(?:(\d+)m)? ?\((.*) UTC\)$/.exec(text) ?? [];
        const parts = ((Number(days ?? 0) * 24 + Number(hours ?? 0)) * 60 + Number(minutes ?? 0)) * 60_000;
        const reached = Math.floor(now / 60_000) * 60_000 + parts;
        const shown = Date.parse(`${end.replace(' ', 'T')}:00Z`);
        // Two units are shown: of days the minutes are left out.
        expect(shown - reached).to.be.within(0, days === undefined ? 0 : 59 * 60_000);
        expect(shown).to.be.at.least(now + left);
      }),
    );
  });

  const zones: readonly [tz: string, zone: string | undefined][] = [
    ['UTC', undefined],
    ['Etc/UTC', undefined],
    ['Europe/Berlin', 'Europe/Berlin'],
    [':America/New_York', 'America/New_York'],
    ['nowhere', undefined],
  ];
  for (const [tz, zone] of zones) {
    it(`knows the zone of TZ=${tz}`, () => inZone(tz, () => expect(localZone()).to.equal(zone)));
  }
});
