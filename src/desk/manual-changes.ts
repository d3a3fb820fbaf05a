// Changes by hand: what unblock, block, allow, disallow and resume do to blocks, allow list and breaker. now is a parameter.

import { MAX_ALLOW_ENTRIES } from '../blocks/allow-entries.ts';
import type { Blocks } from '../blocks/blocks.ts';
import { isoText } from '../values/iso-time.ts';
import type { DoneAnswer } from './answers.ts';
import { allowedBy, newestAbuse, newestRefusal } from './lookup.ts';
import { type ControlRequest, DeskError } from './protocol.ts';
import { durationOf, ipOf, keyOf, manualActionOf, networkOf } from './request-values.ts';

/** Clients in good standing that the answer to resume names: the breaker opens when few are blocked. */
const MAX_CUSTOMERS = 100;

/** Each method throws a DeskError for a wrong request, and where there is nothing to do. */
export class ManualChanges {
  readonly #blocks: Blocks;

  constructor(blocks: Blocks) {
    this.#blocks = blocks;
  }

  unblock(request: ControlRequest, now: number): DoneAnswer {
    const ip = ipOf(request, this.#blocks);
    const key = this.#blocks.recordOf(ip)?.key ?? keyOf(ip, this.#blocks.terms);
    const grace = request.duration === undefined ? undefined : now + durationOf(request);
    const ended = this.#blocks.lift(ip, now, manualActionOf(request), grace);
    if (ended.length === 0 && grace === undefined) throw new DeskError('not-blocked', `${ip} is not blocked`);
    const done = ended.map((block) => {
      const newest = { lastAbuse: newestAbuse(block), lastRefused: newestRefusal(block) };
      return { what: 'unblocked', ip: key, rule: block.rule, until: null, ...newest };
    });
    const given = grace === undefined ? [] : [{ what: 'grace', ip: key, rule: null, until: isoText(grace) }];
    return { at: isoText(now), done: [...done, ...given] };
  }

  block(request: ControlRequest, now: number): DoneAnswer {
    const ip = ipOf(request, this.#blocks);
    const key = keyOf(ip, this.#blocks.terms);
    const { rule = '' } = request;
    const names = this.#blocks.terms.rules.rules.map(({ name }) => name);
    if (!names.includes(rule)) {
      throw new DeskError(
        'unknown-rule',
        `there is no rule ${JSON.stringify(rule)}; the policy has ${names.join(', ')}`,
      );
    }
    const allowed = allowedBy(this.#blocks, ip);
    if (allowed !== null)
      throw new DeskError('not-allowed', `${ip} is on the allow list, by ${allowed.entry}`);
    const until = now + durationOf(request);
    if (!this.#blocks.impose(ip, rule, now, until, manualActionOf(request))) {
      throw new DeskError('already-blocked', `${ip} is blocked already`);
    }
    return { at: isoText(now), done: [{ what: 'blocked', ip: key, rule, until: isoText(until) }] };
  }

  allow(request: ControlRequest, now: number): DoneAnswer {
    const entry = networkOf(request);
    const until = now + durationOf(request);
    if (!this.#blocks.allow({ entry, at: now, until, hand: manualActionOf(request) })) {
      throw new DeskError('too-many', `there are ${MAX_ALLOW_ENTRIES} temporary allow entries already`);
    }
    return { at: isoText(now), done: [{ what: 'allowed', ip: entry, rule: null, until: isoText(until) }] };
  }

  disallow(request: ControlRequest, now: number): DoneAnswer {
    const entry = networkOf(request);
    if (!this.#blocks.disallow(entry, now, manualActionOf(request))) {
      throw new DeskError(
        'not-allowed',
        `${entry} is not a temporary allow entry; entries of policy.yml are changed in that file`,
      );
    }
    return { at: isoText(now), done: [{ what: 'disallowed', ip: entry, rule: null, until: null }] };
  }

  /** What is done names the clients in good standing that were blocked before the breaker opened: their blocks go on. */
  resume(request: ControlRequest, now: number): DoneAnswer {
    if (!this.#blocks.resume(now, manualActionOf(request)))
      throw new DeskError('not-open', 'the breaker is not open');
    const closed = { what: 'resumed', ip: null, rule: null, until: null };
    return { at: isoText(now), done: [closed, ...this.#blockedCustomers(now)] };
  }

  #blockedCustomers(now: number): DoneAnswer['done'] {
    const done: DoneAnswer['done'][number][] = [];
    for (const { key: ip, block } of this.#blocks.table.pinnedRecords()) {
      if (done.length === MAX_CUSTOMERS) break;
      if (block === undefined || block.hand !== undefined || now >= block.until) continue;
      if (this.#blocks.lastGood(ip, now) === undefined) continue;
      done.push({ what: 'still-blocked', ip, rule: block.rule, until: isoText(block.until) });
    }
    return done;
  }
}
