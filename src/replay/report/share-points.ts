// The points of a chart of shares: clients with nearly the same figures are one point.

import { isShareMet, partOf } from '../../blocks/good/share.ts';

/** What one client did in its busiest time. */
export interface ClientShare {
  /** of the rule */
  readonly events: number;
  /** abuse, and what it did well of the same sort; events, or users of logins */
  readonly bad: number;
  readonly good: number;
  /** whether the rule blocked it */
  readonly isBlocked: boolean;
}

export interface SharePoint {
  /** events of a client in the busiest `within`; of several clients, the mean */
  readonly events: number;
  /** 0 to 1: abuse as a part of all that it did of the sort then; of several clients, the mean */
  readonly part: number;
  readonly clients: number;
  /** whether the rule blocked them */
  readonly isBlocked: boolean;
}

interface Sum {
  clients: number;
  events: number;
  part: number;
  readonly isBlocked: boolean;
}

/** Of a power of ten, and of the whole: there are some hundred points at most. */
const BINS_PER_DECADE = 10;
const BINS_OF_PART = 20;

export class SharePoints {
  readonly #limit: number;
  readonly #share: number;
  readonly #sums = new Map<string, Sum>();

  /** No point has clients on both sides of the limit or of the share. */
  constructor(limit: number, share: number) {
    this.#limit = limit;
    this.#share = share;
  }

  add(client: ClientShare): void {
    const { events, bad, good, isBlocked } = client;
    const part = partOf(client);
    const key = [
      Math.floor(Math.log10(events) * BINS_PER_DECADE),
      Math.floor(part * BINS_OF_PART),
      events >= this.#limit,
      isShareMet(bad, good, this.#share),
      isBlocked,
    ].join();
    const sum = this.#sums.get(key) ?? { clients: 0, events: 0, part: 0, isBlocked };
    sum.clients++;
    sum.events += events;
    sum.part += part;
    this.#sums.set(key, sum);
  }

  /** Those of the most clients first. */
  get points(): readonly SharePoint[] {
    const points = [...this.#sums.values()].map(({ clients, events, part, isBlocked }) => ({
      events: rounded(events / clients, 10),
      part: rounded(part / clients, 1_000_000),
      clients,
      isBlocked,
    }));
    return points.sort((a, b) => b.clients - a.clients || a.events - b.events || a.part - b.part);
  }
}

function rounded(value: number, parts: number): number {
  return Math.round(value * parts) / parts;
}
