// The support desk: answers the control requests about blocks and clients. Knows no socket; now is a parameter.

import type { Blocks } from '../blocks/blocks.ts';
import { DEFAULT_LIMIT } from '../cli/reference/query-commands.ts';
import { isoText } from '../values/iso-time.ts';
import { pastedAddress } from '../values/pasted-address.ts';
import type {
  Confirmation,
  DoneAnswer,
  HostsAnswer,
  ListedHost,
  SeenElsewhere,
  ShowAnswer,
} from './answers.ts';
import type { FindAnswer, FoundElsewhere } from './find/answer.ts';
import { type Needle, networkNeedle } from './find/needle.ts';
import { Finder, type FinderContext } from './finder.ts';
import { HostQuestions } from './host-questions.ts';
import { Lookup, type LookupContext } from './lookup.ts';
import { ManualChanges } from './manual-changes.ts';
import { type ControlRequest, DeskError } from './protocol.ts';
import { ipOf, limitOf, needleIn, wideNetworkOf } from './request-values.ts';

/** What several hosts share, as the desk of one asks for it. */
export interface SharedDesk {
  /** number of the last line of the audit trail */
  readonly sequence: number;
  /** Which hosts hold the changes after a line of the trail. */
  confirmed(after: number): Promise<Confirmation>;
  /** The hosts that report to the server. @throws an error that says why they cannot be asked for */
  hosts(): Promise<readonly ListedHost[]>;
  /** What the other hosts have seen of a client. @throws likewise */
  seen(ip: string): Promise<SeenElsewhere>;
  /** What the other hosts find. @param limit of the clients; @throws likewise */
  found(text: string, limit: number): Promise<FoundElsewhere>;
}

export interface DeskContext extends LookupContext, FinderContext {
  /** Resolves when the audit trail of what was done is on disk. */
  flush(): Promise<void>;
  /** Undefined where hosts share nothing. */
  shared?(): SharedDesk | undefined;
}

export class Desk {
  readonly #blocks: Blocks;
  readonly #lookup: Lookup;
  readonly #finder: Finder;
  readonly #changes: ManualChanges;
  readonly #questions: HostQuestions;
  readonly #context: DeskContext;

  constructor(blocks: Blocks, context: DeskContext) {
    this.#blocks = blocks;
    this.#lookup = new Lookup(blocks, context);
    this.#finder = new Finder(blocks, context);
    this.#changes = new ManualChanges(blocks);
    const { turns } = context;
    this.#questions = new HostQuestions({ blocks, turns, lookup: this.#lookup, finder: this.#finder });
    this.#context = context;
  }

  /**
   * @param now ms since 1970
   * @throws DeskError
   */
  async answer(request: ControlRequest, now: number): Promise<unknown> {
    switch (request.command) {
      case 'list':
        return await this.#list(request, now);
      case 'show':
        return await this.#show(request, now);
      case 'find':
        return await this.#found(needleIn(request.text), limitOf(request), now);
      case 'unblock':
        return await this.#recorded(() => this.#changes.unblock(request, now));
      case 'block':
        return await this.#recorded(() => this.#changes.block(request, now));
      case 'allow':
        return await this.#recorded(() => this.#changes.allow(request, now));
      case 'disallow':
        return await this.#recorded(() => this.#changes.disallow(request, now));
      case 'resume':
        return await this.#recorded(() => this.#changes.resume(request, now));
      default:
        throw new DeskError(
          'bad-request',
          `${request.command satisfies 'status' | 'tail' | 'reload'} is not answered here`,
        );
    }
  }

  async #show(request: ControlRequest, now: number): Promise<ShowAnswer | FindAnswer> {
    const { ip = '' } = request;
    const network = wideNetworkOf(ip, this.#blocks);
    const sought = pastedAddress(ip);
    if (network === undefined)
      return { ...(await this.#shown(ipOf(request, this.#blocks), now)), ip: sought };
    return await this.#found(networkNeedle(sought, network), DEFAULT_LIMIT, now);
  }

  /** Where hosts share, with what the others have seen. */
  async #shown(ip: string, now: number): Promise<ShowAnswer> {
    const answer = await this.#lookup.show(ip, now);
    const shared = this.#context.shared?.();
    if (shared === undefined) return answer;
    return { ...answer, elsewhere: await shared.seen(ip).catch(() => null) };
  }

  /** Where hosts share, with what the others find at the same time. */
  async #found(needle: Needle, limit: number, now: number): Promise<FindAnswer> {
    const elsewhere = this.#context
      .shared?.()
      ?.found(needle.sought, limit)
      .catch(() => null);
    const answer = await this.#finder.find(needle, limit, now);
    return elsewhere === undefined ? answer : { ...answer, elsewhere: await elsewhere };
  }

  async #list(request: ControlRequest, now: number): Promise<unknown> {
    if (request.hosts) return await this.#hosts(now);
    if (request.spared) return this.#lookup.spared(now);
    if (request.graces) return await this.#lookup.graces(now);
    return request.allowed ? this.#lookup.allowed(now) : this.#lookup.list(request.watching ?? false, now);
  }

  /** The answer to a question of another host: see HostQuestions. */
  async answerHost(question: unknown, now: number): Promise<unknown> {
    return await this.#questions.answer(question, now);
  }

  /**
   * What was done by hand stands in no mail log: it is on disk before the command says so. Where hosts share their blocks,
   * the answer says which of them hold it.
   */
  async #recorded(change: () => DoneAnswer): Promise<DoneAnswer> {
    const shared = this.#context.shared?.();
    const before = shared?.sequence ?? 0;
    const answer = change();
    try {
      await this.#context.flush();
    } catch (error) {
      throw new DeskError('not-recorded', `done, but not on disk yet: ${(error as Error).message}`);
    }
    return shared === undefined ? answer : { ...answer, hosts: await shared.confirmed(before) };
  }

  async #hosts(now: number): Promise<HostsAnswer> {
    const shared = this.#context.shared?.();
    if (shared === undefined)
      throw new DeskError('not-shared', 'this host shares nothing: policy.yml has no share-state');
    try {
      const trouble = this.#context.trouble?.() ?? [];
      return { at: isoText(now), source: 'daemon', trouble, hosts: await shared.hosts() };
    } catch (error) {
      throw new DeskError('not-shared', `the shared server does not answer: ${(error as Error).message}`);
    }
  }
}
