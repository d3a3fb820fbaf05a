// The sessions that are open in the log: those of smtpd processes, and of connections to postscreen.

import type { Client } from './postfix/client.ts';
import type { Session } from './session.ts';
import { SessionTable } from './session-table.ts';
import type { LogRecord } from './syslog/record.ts';

export class OpenSessions {
  /** by smtpd process, each of which serves one client at a time */
  readonly #served = new SessionTable();
  /** by postscreen process, address and port: it serves many */
  readonly #screened = new SessionTable();

  /** Sessions evicted because no line closed them. */
  get evicted(): number {
    return this.#served.evicted + this.#screened.evicted;
  }

  /** ms since 1970; when stale postscreen sessions were last removed */
  get swept(): number {
    return this.#screened.swept;
  }

  get entries(): readonly (readonly [string, Session])[] {
    return [...this.#served.entries, ...this.#screened.entries];
  }

  /** Restores sessions from a snapshot. */
  restore(entries: readonly (readonly [string, Session])[], swept: number): void {
    for (const [key, session] of entries)
      (session.since === undefined ? this.#served : this.#screened).put(key, session);
    this.#screened.swept = swept;
  }

  /** The session of the record. If it began before the log was read, or belongs to another client, a new one begins. */
  open(client: Client, record: LogRecord): Session {
    return record.program === 'postscreen'
      ? this.#screened.open(connectionOf(record, client), client, record.at)
      : this.#served.open(record.process, client, undefined);
  }

  /** The session of the smtpd process that logged the record, of whatever client. */
  ofProcess({ process }: LogRecord): Session | undefined {
    return this.#served.get(process);
  }

  /** The session that a rejection belongs to: that of its queue ID where cleanup logged it, else that of the process. */
  rejectedBy(
    record: LogRecord,
    client: Client | undefined,
    queueId: string | undefined,
  ): Session | undefined {
    if (record.program === 'cleanup') return this.#served.byQueueId(queueId ?? '');
    if (client === undefined) return this.ofProcess(record);
    if (record.program === 'postscreen') return this.#screened.get(connectionOf(record, client));
    // XCLIENT may have changed the client of the process since it logged its connect.
    return this.#served.open(record.process, client, undefined);
  }

  /** The first such session of this address whose messages go through a filter in front of the queue. */
  proxiedOf(address: string, is: (session: Session) => boolean): Session | undefined {
    return this.#served.proxiedOf(address, is);
  }

  /** The session whose current message has this queue ID. */
  byQueueId(queueId: string): Session | undefined {
    return this.#served.byQueueId(queueId);
  }

  /** The session receives a message with this queue ID. */
  startMessage({ process }: LogRecord, session: Session, queueId: string): void {
    this.#served.startMessage(process, session, queueId);
  }

  /** Closes the session of the record. */
  close(client: Client, record: LogRecord): Session | undefined {
    return record.program === 'postscreen'
      ? this.#screened.close(connectionOf(record, client))
      : this.#served.close(record.process);
  }
}

function connectionOf({ process }: LogRecord, { address, port }: Client): string {
  return `${process} ${address}:${port}`;
}
