// What one log record says, before sessions make events of it.

import type { Client } from './client.ts';

/** SMTP commands and states at which Postfix refuses, as it names them in the log. */
export type Stage = string;

/** Characters of a SASL user; of a longer one the beginning is read. */
export const MAX_USER = 160;

export type Fact =
  | { readonly type: 'connect'; readonly client: Client }
  | { readonly type: 'disconnect'; readonly client: Client }
  /** the server ended the connection, or will */
  | { readonly type: 'drop'; readonly client: Client }
  /** the client hung up */
  | { readonly type: 'abandon'; readonly client: Client }
  /** postscreen hands the client on to smtpd: its session there was no drop */
  | { readonly type: 'pass'; readonly client: Client }
  | { readonly type: 'auth-failure'; readonly client: Client }
  /** smtpd took up a message under this queue ID; in front of a proxy filter it has none */
  | {
      readonly type: 'message';
      readonly queueId: string | undefined;
      readonly client: Client;
      /** the SASL user that Postfix logged, cut out of the line */
      readonly user: string | undefined;
    }
  /** a permanent rejection; `client` is missing where the line does not name it at a fixed place */
  | {
      readonly type: 'reject';
      readonly stage: Stage;
      readonly queueId: string | undefined;
      readonly client: Client | undefined;
      /** the server's reply and what Postfix appends: `554 5.7.1 <…>: … rejected: …; from=<…> …` */
      readonly reply: string;
    }
  /** Postfix has run out of processes, and its smtpd servers now run with `stress=yes` */
  | { readonly type: 'stress' };

export type MessageFact = Extract<Fact, { type: 'message' }>;
