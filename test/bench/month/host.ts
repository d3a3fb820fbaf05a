// The generated mail host: its processes, its queue, and its clients.

import { ipv4Text } from '../../../src/values/address.ts';
import { Random } from './random.ts';

export interface Client {
  /** `unknown` where Postfix could not verify one */
  readonly name: string;
  readonly address: string;
}

/** Connections that an smtpd process serves before master(8) starts a new one (postconf(5), max_use). */
const MAX_USE = 100;
const SENDERS = 600;
const CUSTOMERS = 150;
/** One abuser in so many has the address of a customer or sender of good mail, such as an infected PC behind its NAT. */
const MIXED = 8;
const BOTNET = 1 << 20;
/** First octets without special networks. */
const NETWORKS = [5, 23, 31, 37, 45, 46, 62, 77, 78, 79, 80, 81, 82, 83, 85, 87, 88, 89, 91, 92, 93, 94, 95];
const WORDS = ['anna', 'info', 'office', 'j.mueller', 'sales', 'k.weber', 'noreply', 'billing', 'it', 'hr'];

/** The processes of one program; each serves one client at a time. */
export class Processes {
  readonly #tag: string;
  readonly #host: Host;
  readonly #free: Process[] = [];

  constructor(tag: string, host: Host) {
    this.#tag = tag;
    this.#host = host;
  }

  take(): Process {
    const process = this.#free.pop();
    if (process !== undefined && process.uses < MAX_USE) return process;
    return { tag: `${this.#tag}[${this.#host.pid()}]`, uses: 0 };
  }

  release(process: Process): void {
    process.uses++;
    this.#free.push(process);
  }
}

export interface Process {
  /** as in syslog: `postfix/smtpd[4711]` */
  readonly tag: string;
  uses: number;
}

export class Host {
  readonly random: Random;
  readonly smtpd = new Processes('postfix/smtpd', this);
  readonly submission = new Processes('postfix/submission/smtpd', this);
  readonly cleanup = new Processes('postfix/cleanup', this);
  readonly smtp = new Processes('postfix/smtp', this);
  readonly lmtp = new Processes('postfix/lmtp', this);
  readonly bounce = new Processes('postfix/bounce', this);
  readonly dovecot = new Processes('dovecot/lmtp', this);
  readonly #senders: readonly Client[];
  readonly #customers: readonly Client[];
  #pid = 1000;
  #inode = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.#senders = Array.from({ length: SENDERS }, (_, i) => this.#sender(i));
    this.#customers = Array.from({ length: CUSTOMERS }, (_, i) => this.#customer(i));
  }

  /** A server that sends good mail; a few of them send most of it. */
  sender(): Client {
    return this.#senders[Math.floor(SENDERS * this.random.next() ** 3)] as Client;
  }

  /** A customer's network, with many people behind one address. */
  customer(): Client {
    return this.#customers[Math.floor(CUSTOMERS * this.random.next() ** 2)] as Client;
  }

  abuser(): Client {
    if (this.random.below(MIXED) === 0) return this.random.chance(0.5) ? this.customer() : this.sender();
    return this.bot(this.random.below(BOTNET));
  }

  bot(number: number): Client {
    const address = addressOf(Math.imul(number + 77, 0x9e3779b1) >>> 0);
    return { name: number % 3 === 0 ? `static-${number}.isp.example.org` : 'unknown', address };
  }

  pid(): number {
    this.#pid = this.#pid > 4_000_000 ? 1000 : this.#pid + this.random.between(1, 40);
    return this.#pid;
  }

  /** A short queue ID: microseconds, then the inode. It is not reused while its message is in the queue. */
  queueId(): string {
    this.#inode = (this.#inode + 1) & 0xfffff;
    return this.random.hex(5) + (0x100000 + this.#inode).toString(16).toUpperCase();
  }

  mailbox(domain = 'example.com'): string {
    return `${this.random.pick(WORDS)}${this.random.below(40)}@${domain}`;
  }

  #sender(number: number): Client {
    const name = `mail-${number}.sender${number % 90}.example.net`;
    if (number % 8 === 7) return { name, address: `2001:db8:${number.toString(16)}:1::25` };
    return { name, address: addressOf(Math.imul(number + 1, 0x85ebca6b) >>> 0) };
  }

  #customer(number: number): Client {
    const address = addressOf(Math.imul(number + 1, 0xc2b2ae35) >>> 0);
    return { name: `dyn-${number}.access.example.de`, address };
  }
}

function addressOf(value: number): string {
  const network = NETWORKS[(value >>> 24) % NETWORKS.length] as number;
  return ipv4Text(network * 0x1000000 + (value & 0xffffff));
}
