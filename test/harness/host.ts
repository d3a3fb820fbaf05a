// A mail host: a private Postfix and the daemon beside it, following its log.

import { statSync } from 'node:fs';
import { SMALL_RULES, TestDaemon } from './daemon.ts';
import { eventsByKind } from './events.ts';
import { type PostfixOptions, TestPostfix } from './postfix.ts';
import { until } from './until.ts';

export interface HostOptions {
  /** YAML under `rules:` */
  readonly rules?: string;
  /** more lines before `rules:` */
  readonly more?: string;
  readonly postfix?: Omit<PostfixOptions, 'folder' | 'socket'>;
}

export class TestHost {
  readonly daemon: TestDaemon;
  readonly postfix: TestPostfix;

  private constructor(daemon: TestDaemon, postfix: TestPostfix) {
    this.daemon = daemon;
    this.postfix = postfix;
  }

  static async start({ rules = SMALL_RULES, more, postfix }: HostOptions = {}): Promise<TestHost> {
    const daemon = new TestDaemon({ rules });
    // smtpd(8) runs as the user postfix.
    const head = daemon
      .head(more)
      .replace(`{unix: ${daemon.socket}}`, `{unix: ${daemon.socket}, mode: "0666"}`);
    daemon.writePolicy(rules, head);
    await daemon.start();
    const running = await TestPostfix.start({ ...postfix, folder: daemon.folder, socket: daemon.socket });
    return new TestHost(daemon, running);
  }

  async stop(): Promise<void> {
    this.postfix.stop();
    await this.daemon.stop();
  }

  /** Waits for the log line about a block. */
  async blocked(ip: string, rule: string): Promise<void> {
    await this.daemon.said(new RegExp(`\\bblock ip=${ip.replaceAll('.', '\\.')} rule=${rule} `));
  }

  /** Waits until Postfix has logged this text, and the daemon has read the log that far. */
  async hasRead(text: string): Promise<void> {
    await until(`${text} in Postfix's log`, () => this.postfix.logText.includes(text));
    const { size } = statSync(this.postfix.log);
    await until('the daemon to read the log', async () => {
      const { log } = await this.daemon.snapshot();
      return Number(log[0]?.offset) >= size;
    });
  }

  /** The counts of a client by event kind; none where it is blocked or unknown. */
  async counts(ip: string): Promise<Readonly<Record<string, number>>> {
    const { ips } = await this.daemon.snapshot();
    const kinds = Object.entries(eventsByKind(ips[ip]?.events));
    return Object.fromEntries(kinds.map(([kind, times]) => [kind, times.length]));
  }

  /** The same, by class where the kind has classes. */
  async classes(ip: string): Promise<Readonly<Record<string, number>>> {
    const { ips } = await this.daemon.snapshot();
    const events = Object.entries(ips[ip]?.events ?? {});
    return Object.fromEntries(events.map(([name, times]) => [name, times.length]));
  }
}

/** SASL PLAIN. */
export function login(user: string, password: string): string {
  return `AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`;
}

/** SASL PLAIN with a wrong password. */
export const WRONG_PASSWORD = login('customer', 'wrong');

/** SASL PLAIN as a user that the harness knows. */
export const RIGHT_PASSWORD = login('customer', 'right');
