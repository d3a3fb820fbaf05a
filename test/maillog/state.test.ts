// The log reader stopped and restored anywhere in a log goes on as if it had never stopped.

import { expect } from 'chai';
import fc from 'fast-check';
import type { SessionState } from '../../src/maillog/session-state.ts';
import { fill, HOSTILE } from './arbitraries.ts';
import { eventsOf, line, newReader, OWN_TEXT } from './log.ts';

const MORE = [
  'timeout after EHLO from NAME[CLIENT]',
  'lost connection after RCPT from NAME[CLIENT]',
  `NOQUEUE: reject: RCPT from NAME[CLIENT]: 554 5.7.1 <NAME[CLIENT]>: Client host rejected: ${OWN_TEXT}; from=<>`,
  '12345ABCDE: client=NAME[CLIENT]',
  'warning: service "smtp" (25) has reached its process limit "100": new clients may experience noticeable delays',
].map((message) => ({ program: message.startsWith('warning: service') ? 'master' : 'smtpd', message }));

/** Logs of few clients and processes, so that sessions meet and queue IDs come again. */
const log = fc.array(
  fc
    .record({
      template: fc.constantFrom(...HOSTILE, ...MORE, ...MORE),
      client: fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1', 'unknown'),
      pid: fc.integer({ min: 101, max: 103 }),
      second: fc.nat({ max: 9000 }),
    })
    .map(({ template, client, pid, second }) =>
      line(
        fill(template.message, client, () => 'x'),
        template.program,
        pid,
        second,
      ),
    ),
  { maxLength: 60 },
);

describe('maillog/sessions: the state in a snapshot', () => {
  it('gives the same events as reading without a break, wherever it was taken', () => {
    fc.assert(
      fc.property(log, fc.nat(), (lines, cut) => {
        const place = cut % (lines.length + 1);
        const before = newReader();
        const events = eventsOf(lines.slice(0, place), before);
        const text = JSON.stringify({ state: before.sessions.state, texts: before.texts.texts });
        const { state, texts } = JSON.parse(text) as { state: SessionState; texts: string[] };
        const after = newReader();
        after.texts.add(texts);
        after.sessions.restore(state);
        events.push(...eventsOf(lines.slice(place), after));
        expect(events).to.deep.equal(eventsOf(lines));
        expect(JSON.stringify(after.sessions.state)).to.equal(JSON.stringify(stateAfter(lines)));
      }),
      { numRuns: 500 },
    );
  });

  it('is not changed by what is read after it was taken and written', () => {
    const reader = newReader();
    eventsOf([line('connect from a[192.0.2.1]'), line('timeout after EHLO from a[192.0.2.1]')], reader);
    const written = JSON.stringify(reader.sessions.state);
    const again = newReader();
    again.sessions.restore(JSON.parse(written) as SessionState);
    expect(eventsOf([line('disconnect from a[192.0.2.1]')], again)).to.have.length(1);
    expect(JSON.stringify(reader.sessions.state)).to.equal(written);
  });

  it('stays small when disconnects are never logged', () => {
    const reader = newReader();
    for (let pid = 0; pid < 12_000; pid++)
      eventsOf([line('connect from a[192.0.2.1]', 'smtpd', pid)], reader);
    expect(reader.sessions.state.open.length).to.equal(10_000);
    expect(reader.sessions.state.open[0]?.[0]).to.equal('mx postfix/smtpd[2000');
  });
});

function stateAfter(lines: readonly string[]): SessionState {
  const reader = newReader();
  eventsOf(lines, reader);
  return reader.sessions.state;
}
