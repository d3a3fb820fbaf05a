// Sessions of abusive clients: single ones, as of scanners, or bursts from one address.

import type { Client, Host } from './host.ts';
import { screened, shown } from './mail.ts';
import { Script } from './script.ts';
import type { Timed } from './timetable.ts';

const POSTSCREEN = 'postfix/postscreen[901]';

type Abuse = (host: Host, at: number, client: Client) => Script;

function connected(host: Host, at: number, client: Client): { script: Script; smtpd: string } {
  const script = new Script(at);
  if (host.random.chance(0.5)) screened(script, host, client);
  const smtpd = script.hold(host.smtpd);
  script.say(20, smtpd, `connect from ${shown(client)}`);
  return { script, smtpd };
}

const recipients: Abuse = (host, at, client) => {
  const { script, smtpd } = connected(host, at, client);
  const from = host.mailbox('spam.example.org');
  const count = host.random.between(1, 12);
  for (let i = 0; i < count; i++) {
    const to = host.mailbox();
    const why = host.random.pick(REASONS);
    script.say(
      host.random.between(50, 400),
      smtpd,
      `NOQUEUE: reject: RCPT from ${shown(client)}: 5${why.replace('RCPT', to)}; from=<${from}> to=<${to}> proto=ESMTP helo=<WIN-${host.random.hex(6)}>`,
    );
  }
  if (count > 9) script.say(100, smtpd, `too many errors after RCPT from ${shown(client)}`);
  else if (count % 2 === 0) script.say(100, smtpd, `lost connection after RCPT from ${shown(client)}`);
  script.say(
    5,
    smtpd,
    `disconnect from ${shown(client)} ehlo=1 mail=1 rcpt=0/${count} commands=2/${count + 2}`,
  );
  return script;
};

const REASONS = [
  '50 5.1.1 <RCPT>: Recipient address rejected: User unknown in virtual mailbox table',
  '54 5.7.1 <RCPT>: Relay access denied',
  '54 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1',
];

const logins: Abuse = (host, at, client) => {
  const script = new Script(at);
  const isSubmission = host.random.chance(0.6);
  const smtpd = script.hold(isSubmission ? host.submission : host.smtpd);
  script.say(0, smtpd, `connect from ${shown(client)}`);
  const tries = host.random.between(1, 3);
  for (let i = 0; i < tries; i++) {
    const reason = host.random.chance(0.5)
      ? `UGFzc3dvcmQ6, sasl_username=${host.mailbox()}`
      : '(reason unavailable)';
    script.say(
      host.random.between(800, 3_000),
      smtpd,
      `warning: ${shown(client)}: SASL LOGIN authentication failed: ${reason}`,
    );
  }
  script
    .say(100, smtpd, `lost connection after AUTH from ${shown(client)}`)
    .say(1, smtpd, `disconnect from ${shown(client)} ehlo=1 auth=0/${tries} commands=1/${tries + 1}`);
  return script;
};

const DROPS = [
  'improper command pipelining after CONNECT from ',
  'warning: non-SMTP command from ',
  'lost connection after CONNECT from ',
  'lost connection after EHLO from ',
  'timeout after EHLO from ',
  'SSL_accept error from ',
  'lost connection after STARTTLS from ',
];
const DETAILS = [': GET / HTTP/1.1', ': \\026\\003\\001', ': -1', ': lost connection'];

const connections: Abuse = (host, at, client) => {
  const { script, smtpd } = connected(host, at, client);
  const words = host.random.pick(DROPS);
  const detail = /^lost|^timeout/.test(words) ? '' : host.random.pick(DETAILS);
  return script
    .say(host.random.between(20, 4_000), smtpd, `${words}${shown(client)}${detail}`)
    .say(1, smtpd, `disconnect from ${shown(client)} ehlo=0/1 commands=0/1`);
};

const screenedOut: Abuse = (host, at, client) => {
  const where = `[${client.address}]:${host.random.between(1024, 65_535)}`;
  const to = host.mailbox();
  const script = new Script(at).say(0, POSTSCREEN, `CONNECT from ${where} to [192.0.2.25]:25`);
  if (host.random.chance(0.3)) {
    script.say(80, POSTSCREEN, `PREGREET 14 after 0.08 from ${where}: EHLO ylmf-pc\\r\\n`);
  }
  return script
    .say(0, 'postfix/dnsblog[951]', `addr ${client.address} listed by domain zen.spamhaus.org as 127.0.0.4`)
    .say(6_000, POSTSCREEN, `DNSBL rank 4 for ${where}`)
    .say(
      800,
      POSTSCREEN,
      `NOQUEUE: reject: RCPT from ${where}: 550 5.7.1 Service unavailable; client [${client.address}] blocked using zen.spamhaus.org; from=<${host.mailbox('spam.example.org')}>, to=<${to}>, proto=ESMTP, helo=<ylmf-pc>`,
    )
    .say(90, POSTSCREEN, `DISCONNECT ${where}`);
};

const messages: Abuse = (host, at, client) => {
  const { script, smtpd } = connected(host, at, client);
  const cleanup = script.hold(host.cleanup);
  const id = host.queueId();
  const from = host.mailbox('spam.example.org');
  const envelope = `from=<${from}> to=<${host.mailbox()}> proto=ESMTP helo=<${client.name}>`;
  script
    .say(300, smtpd, `${id}: client=${shown(client)}`)
    .say(50, cleanup, `${id}: message-id=<${host.random.hex(8)}@spam.example.org>`);
  if (host.random.chance(0.3)) {
    const header = 'header Subject: =?UTF-8?B?V2luIGEgcHJpemU=?=';
    script.say(
      40,
      cleanup,
      `${id}: reject: ${header} from ${shown(client)}; ${envelope}: 5.7.1 No spam here`,
    );
  } else {
    script.say(
      400,
      cleanup,
      `${id}: milter-reject: END-OF-MESSAGE from ${shown(client)}: 5.7.1 Spam message rejected; ${envelope}`,
    );
  }
  return script.say(30, smtpd, `disconnect from ${shown(client)} ehlo=1 mail=1 rcpt=1 data=0/1 commands=3/4`);
};

const ONCE: readonly Abuse[] = [screenedOut, screenedOut, connections, connections, recipients, messages];
const OFTEN: readonly Abuse[] = [recipients, logins, logins, connections, messages, screenedOut];

/** One abusive session, of a client that does not return soon. */
export function once(host: Host, at: number): Script {
  return host.random.pick(ONCE)(host, at, host.abuser());
}

/** Many sessions of one client, one after another. Many bursts end below every limit. */
export class Burst implements Timed {
  /** when the next session begins, ms since 1970 */
  at: number;
  readonly #host: Host;
  readonly #abuse: Abuse;
  readonly #client: Client;
  readonly #gap: number;
  #left: number;

  constructor(host: Host, at: number, most: number) {
    this.at = at;
    this.#host = host;
    this.#abuse = host.random.pick(OFTEN);
    this.#client = host.abuser();
    this.#gap = host.random.between(300, 30_000);
    this.#left = Math.min(most, Math.ceil(4 * 250 ** host.random.next()));
  }

  get isOver(): boolean {
    return this.#left <= 0;
  }

  session(): Script {
    const script = this.#abuse(this.#host, this.at, this.#client);
    this.#left--;
    this.at += this.#host.random.gap(this.#gap);
    return script;
  }
}
