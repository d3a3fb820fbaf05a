// The answer to `find`, and to `show` of a network: an object of --json. Times in ISO 8601 UTC.

import type { Origin } from '../../health/status.ts';

/** What holds a text that matches. */
export type FoundPlace =
  | 'block'
  | 'watched-block'
  | 'spared'
  | 'grace'
  | 'allow-entry'
  | 'evidence'
  | 'refused-mail'
  | 'audit-trail';

export type FoundField = 'ip' | 'name' | 'user' | 'sender' | 'recipient' | 'helo' | 'reason' | 'by';

export interface FoundMatch {
  readonly at: string;
  readonly place: FoundPlace;
  /** of a line of the audit trail, such as `end`; null elsewhere */
  readonly event: string | null;
  readonly field: FoundField;
  /** at most 200 characters, with … where it is cut */
  readonly text: string;
}

/** What a client is now. The allow list wins over a block, a block over grace. */
export type ClientState = 'allowed' | 'blocked' | 'grace' | 'spared' | 'watched' | 'none';

export interface FoundClient {
  /** under which it is counted: an address, or an IPv6 network; the network of an allow entry */
  readonly ip: string;
  readonly state: ClientState;
  /** of the block, of a watched block, or that spares it */
  readonly rule: string | null;
  /** when the block, the grace or the allow entry ends */
  readonly until: string | null;
  /** matches that were found of this client */
  readonly matches: number;
  readonly newest: FoundMatch;
}

export interface LeftOut {
  readonly what: 'clients' | 'audit-trail';
  /** time: the search took longer than it may; size: the rest is older; compression: files that postblock cannot read */
  readonly why: 'time' | 'size' | 'compression' | 'unreadable';
}

export interface FindAnswer extends Origin {
  /** what was looked for: the address or network, or the text */
  readonly sought: string;
  /** whether that is an address or a network */
  readonly isNetwork: boolean;
  /** by the newest match, newest first */
  readonly found: readonly FoundClient[];
  /** whether there are more clients than the limit */
  readonly isMore: boolean;
  /** what was not searched; empty where everything was */
  readonly leftOut: readonly LeftOut[];
}
