// What a notice says: its events, its text, its arguments, and nothing that a client has written.

import { expect } from 'chai';
import type { BlockBegun } from '../../src/blocks/changes.ts';
import { filledArguments } from '../../src/notices/arguments.ts';
import { changeEvent, troubleEvent } from '../../src/notices/event.ts';
import { isWanted } from '../../src/notices/selection.ts';
import { AT, block, end, noticeWith, TROUBLE } from './events.ts';

const BLOCK: BlockBegun = {
  type: 'block',
  ip: '192.0.2.7',
  rule: 'auth-failures',
  at: AT,
  until: AT + 86_400_000,
  count: 30,
  enforced: true,
};
const ALL = '{event}|{ip}|{rule}|{until}|{total}|{host}|{text}';
const UNTIL = '2026-11-25T19:09:10.000Z';

describe('notices/notice: the events', () => {
  it('are changes as audit.jsonl has them', () => {
    expect(changeEvent(BLOCK)).to.deep.equal(block());
  });

  it('are none of rules that only watch, of refused mail, and of entries by hand', () => {
    const hand = { by: 'alice', why: 'x' };
    const refused = { type: 'refused', ip: '192.0.2.7', rule: 'r', at: AT, mail: undefined } as const;
    expect(changeEvent({ ...BLOCK, enforced: false })).to.equal(undefined);
    expect(changeEvent(refused)).to.equal(undefined);
    expect(changeEvent({ type: 'allow', ip: '192.0.2.0/24', at: AT, until: AT, hand })).to.equal(undefined);
  });

  it('hold no character that controls a terminal', () => {
    const hand = { by: 'al\u001b[2Jice', why: 'x\n\u202ey' };
    expect(changeEvent({ ...BLOCK, hand })).to.deep.include({ by: 'al\\x1b[2Jice', why: 'x\\x0a\\u{202e}y' });
    const trouble = { what: 'log-silent', since: UNTIL, reason: 'a\r\nb' } as const;
    expect(troubleEvent(trouble, 'began', AT).reason).to.equal('a\\x0d\\x0ab');
    expect(troubleEvent({ ...trouble, reason: 'x'.repeat(9000) }, 'over', AT).reason).to.have.lengthOf(500);
  });
});

describe('notices/notice: who gets an event', () => {
  const breaker = { ...TROUBLE, what: 'breaker-open' } as const;
  const cases: readonly (readonly [string, Parameters<typeof isWanted>, boolean])[] = [
    ['a target of its kind', [block(), { events: ['block'] }], true],
    ['no target of other kinds', [end(), { events: ['block', 'trouble'] }], false],
    ['a target of its rule', [block(), { events: ['block'], rules: ['auth-failures'] }], true],
    ['no target of other rules', [block(), { events: ['block'], rules: ['r'] }], false],
    ['a target of troubles, whatever its rules', [TROUBLE, { events: ['trouble'], rules: ['r'] }], true],
    ['a target of troubles for an open breaker', [breaker, { events: ['trouble'] }], true],
    ['no target of both a second time', [breaker, { events: ['trouble', 'breaker'] }], false],
  ];
  for (const [what, [event, target], isGiven] of cases)
    it(`is ${what}`, () => expect(isWanted(event, target)).to.equal(isGiven));
});

describe('notices/notice: the text', () => {
  it('is one line for one event', () => {
    const texts = [block(), end(), TROUBLE].map((event) => noticeWith(event).text);
    expect(texts).to.deep.equal([
      'mx1: 192.0.2.7 is blocked by auth-failures until 2026-11-25 19:09 UTC',
      'mx1: the block of 192.0.2.7 by r has ended: expired',
      'mx1: trouble log-silent: nothing is counted',
    ]);
  });

  it('has the numbers of several, and the first ten', () => {
    const lines = noticeWith(TROUBLE, ...Array.from({ length: 300 }, () => block())).text.split('\n');
    expect(lines[0]).to.equal('mx1: 1 report of trouble, 300 clients blocked');
    expect(lines[1]).to.equal('- trouble log-silent: nothing is counted');
    expect([lines.length, lines.at(-1)]).to.deep.equal([12, '- and 291 more']);
  });
});

describe('notices/notice: the arguments of a command', () => {
  it('have the values of one event', () => {
    const [, filled] = filledArguments(['/bin/notify', ALL], noticeWith(block()));
    const text = 'mx1: 192.0.2.7 is blocked by auth-failures until 2026-11-25 19:09 UTC';
    expect(filled).to.equal(`block|192.0.2.7|auth-failures|${UNTIL}|1|mx1|${text}`);
  });

  it('have what several events share, and say where they differ', () => {
    const notice = noticeWith(block('192.0.2.7'), block('2001:db8:1:2::/64'));
    expect(filledArguments(['{ip} {rule} {total}'], notice)).to.deep.equal(['several auth-failures 2']);
    const mixed = noticeWith(block(), TROUBLE);
    expect(filledArguments(['{event} {until}'], mixed)).to.deep.equal(['several several']);
    const many = noticeWith(...Array.from({ length: 101 }, () => block()));
    expect(filledArguments(['{ip}'], many)).to.deep.equal(['several']);
  });

  it('are empty where a value does not apply', () => {
    const filled = filledArguments(['<{ip}>', '{rule}', '{until}'], noticeWith(TROUBLE));
    expect(filled).to.deep.equal(['<>', 'log-silent', '']);
  });

  it('are filled once: a value is not looked at again', () => {
    const notice = { ...noticeWith(TROUBLE), text: 'mx1: {host} $& {total}' };
    expect(filledArguments(['{text}'], notice)).to.deep.equal(['mx1: {host} $& {total}']);
  });
});
