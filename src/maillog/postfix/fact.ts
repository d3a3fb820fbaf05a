// Facts: what single log records say, before sessions turn them into events.

import type { CLASSES } from '../../blocks/events/event.ts';
import type { Client } from './client.ts';
import type { Uncounted } from './uncounted.ts';

/** SMTP commands and states at which Postfix refuses, as it names them in the log. */
export type Stage = string;

/** Characters of a SASL user; only the start of a longer one is read. */
export const MAX_USER = 160;

export type DropClass = (typeof CLASSES)['dropped-connection'][number];

/** What refused: smtpd's own restrictions, a milter, a before-queue filter, header or body checks. */
export type RefusedBy = 'restriction' | 'milter' | 'proxy' | 'content';

export type Fact =
  | { readonly type: 'connect'; readonly client: Client }
  | {
      readonly type: 'disconnect';
      readonly client: Client;
      /** the line: smtpd's has ` ehlo=1 rcpt=0/5 … commands=1/6` after the client since Postfix 3.0 */
      readonly message: string;
    }
  /** the server ended the connection, or will */
  | {
      readonly type: 'drop';
      readonly client: Client;
      readonly class: DropClass;
      /** at a limit that Postfix shortens under stress */
      readonly isHastened: boolean;
    }
  /** the server noticed a protocol error, and may have ended the connection: the next lines show whether it did */
  | {
      readonly type: 'notice';
      readonly client: Client;
      readonly class: DropClass;
      /** the SMTP command at which smtpd saw it */
      readonly command: string | undefined;
    }
  /** the server ended an idle connection after the client's message was done */
  | { readonly type: 'idle'; readonly client: Client }
  /** a TLS handshake failed in the TLS library, whose own lines follow */
  | { readonly type: 'handshake'; readonly client: Client }
  /** the TLS library logs the cause, in a line without the client */
  | { readonly type: 'tls-problem'; readonly isClients: boolean }
  /** the client hung up */
  | { readonly type: 'abandon'; readonly client: Client }
  /** postscreen passes the client on to smtpd: that session was not dropped */
  | { readonly type: 'pass'; readonly client: Client }
  | { readonly type: 'auth-failure'; readonly client: Client }
  /** an AUTH command failed before the client's credentials were checked */
  | { readonly type: 'auth-unjudged'; readonly client: Client; readonly why: Uncounted }
  /** the process found the authentication server gone: its next failure is not the client's */
  | { readonly type: 'auth-server-lost' }
  /** smtpd receives a message with this queue ID; before a proxy filter it has none */
  | {
      readonly type: 'message';
      readonly queueId: string | undefined;
      readonly client: Client;
      /** the SASL user that Postfix logged, cut out of the line */
      readonly user: string | undefined;
      /** the client behind the content filter that returns the message */
      readonly origin: Client | undefined;
      /** Postfix had queued the message before: the line has the queue ID that it had then */
      readonly isRequeued: boolean;
    }
  /** qmgr(8) takes up a message: Postfix has accepted it */
  | { readonly type: 'queued'; readonly queueId: string; readonly recipients: number }
  /** cleanup(8) puts each message on hold for another program, and qmgr(8) will not see it under this queue ID */
  | { readonly type: 'held'; readonly queueId: string }
  /** the before-queue filter of this process accepted the message */
  | { readonly type: 'proxy-accept' }
  /** a permanent rejection, or one that says `Relay access denied` for now; `client` is missing where the line does
   * not name it at a fixed place */
  | {
      readonly type: 'reject';
      readonly by: RefusedBy;
      readonly stage: Stage;
      readonly queueId: string | undefined;
      readonly client: Client | undefined;
      /** the server's reply and what Postfix appends: `554 5.7.1 <…>: … rejected: …; from=<…> …` */
      readonly reply: string;
    }
  /** the line is about a refusal or a failure that is not counted */
  | { readonly type: 'uncounted'; readonly why: Uncounted }
  /** a service has run out of processes, and its smtpd servers now run with `stress=yes` */
  | { readonly type: 'stress'; readonly service: string }
  /** postscreen starts or stops to shorten its limits */
  | { readonly type: 'screening-stress'; readonly isOver: boolean };

export type MessageFact = Extract<Fact, { type: 'message' }>;
/** Facts that show that Postfix accepts a message. */
export type AcceptFact = Extract<Fact, { type: 'queued' | 'held' | 'proxy-accept' }>;
export type RejectFact = Extract<Fact, { type: 'reject' }>;
