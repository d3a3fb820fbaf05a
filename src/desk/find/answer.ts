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

/** What other hosts do not have of themselves, where hosts share their blocks. */
export const OWN_PLACES = [
  'watched-block',
  'evidence',
  'refused-mail',
] as const satisfies readonly FoundPlace[];

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

/** What another host has found in its own evidence, refused mail and watched blocks. */
export interface FoundByHost {
  readonly host: string;
  /** by the newest match, newest first */
  readonly found: readonly FoundClient[];
  /** whether there are more */
  readonly isMore: boolean;
  /** whether it has searched everything in the time that it has for another host */
  readonly isComplete: boolean;
}

/** What the other hosts have found. */
export interface FoundElsewhere {
  /** those that have found anything, or not searched everything; the newest match first */
  readonly hosts: readonly FoundByHost[];
  /** how many were asked */
  readonly asked: number;
  /** of these, those that have not answered in time, 10 at most */
  readonly missing: readonly string[];
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
  /** what other hosts have found; missing where hosts share nothing, null while the shared server does not answer */
  readonly elsewhere?: FoundElsewhere | null;
}
