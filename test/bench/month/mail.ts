// Sessions and messages of good clients.

import type { Client, Host } from './host.ts';
import { Script } from './script.ts';

const TLS =
  'TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256';
const QMGR = 'postfix/qmgr[812]';
const POSTSCREEN = 'postfix/postscreen[901]';

export function shown({ name, address }: Client): string {
  return `${name}[${address}]`;
}

/** postscreen tests the client and hands it on. */
export function screened(script: Script, host: Host, { address }: Client, pass = 'PASS OLD'): void {
  const port = host.random.between(1024, 65_535);
  script
    .say(0, POSTSCREEN, `CONNECT from [${address}]:${port} to [192.0.2.25]:25`)
    .say(1, POSTSCREEN, `${pass} [${address}]:${port}`);
}

/** smtpd receives a message, cleanup and qmgr queue it. @returns its queue ID */
export function queued(script: Script, host: Host, smtpd: string, client: Client, login = ''): string {
  const id = host.queueId();
  const cleanup = script.hold(host.cleanup);
  const size = host.random.between(2_000, 400_000);
  script
    .say(120, smtpd, `${id}: client=${shown(client)}${login}`)
    .say(60, cleanup, `${id}: message-id=<${host.random.hex(8)}.${host.random.hex(8)}@mail.example.net>`)
    .say(40, QMGR, `${id}: from=<${host.mailbox('example.net')}>, size=${size}, nrcpt=1 (queue active)`);
  return id;
}

export function disconnect(script: Script, smtpd: string, client: Client): void {
  script.say(
    30,
    smtpd,
    `disconnect from ${shown(client)} ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7`,
  );
}

/** A good mail arrives and is delivered to a mailbox. Sometimes a recipient has a typing error. */
export function inbound(host: Host, at: number): Script {
  const script = new Script(at);
  const client = host.sender();
  screened(script, host, client);
  const smtpd = script.hold(host.smtpd);
  script.say(20, smtpd, `connect from ${shown(client)}`);
  script.say(90, smtpd, `Anonymous TLS connection established from ${shown(client)}: ${TLS}`);
  if (host.random.chance(0.04)) {
    const to = host.mailbox();
    script.say(
      80,
      smtpd,
      `NOQUEUE: reject: RCPT from ${shown(client)}: 550 5.1.1 <${to}>: Recipient address rejected: User unknown in virtual mailbox table; from=<${host.mailbox('example.net')}> to=<${to}> proto=ESMTP helo=<${client.name}>`,
    );
  }
  const id = queued(script, host, smtpd, client);
  disconnect(script, smtpd, client);
  const to = host.mailbox();
  const lmtp = script.hold(host.lmtp);
  const dovecot = script.hold(host.dovecot);
  script
    .say(5, 'opendkim[702]', `${id}: DKIM verification successful`)
    .say(
      60,
      dovecot,
      `lmtp(${to})<${host.random.hex(4)}>: msgid=<${id}@mail.example.net>: saved mail to INBOX`,
    )
    .say(
      10,
      lmtp,
      `${id}: to=<${to}>, relay=mx1.example.com[private/dovecot-lmtp], delay=0.4, delays=0.3/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 <${to}> ${host.random.hex(8)} Saved)`,
    )
    .say(1, QMGR, `${id}: removed`);
  return script;
}

/** A customer sends a mail, which the next server accepts, defers or rejects. */
export function submission(host: Host, at: number): Script {
  const script = new Script(at);
  const client = host.customer();
  const smtpd = script.hold(host.submission);
  script.say(0, smtpd, `connect from ${shown(client)}`);
  script.say(90, smtpd, `Anonymous TLS connection established from ${shown(client)}: ${TLS}`);
  const login = `, sasl_method=PLAIN, sasl_username=${host.mailbox()}`;
  const id = queued(script, host, smtpd, client, login);
  disconnect(script, smtpd, client);
  sent(script, host, id);
  return script;
}

const ANSWERS = [
  ['2.0.0', 'status=sent (250 2.0.0 Ok: queued as 4Xk9)'],
  ['2.0.0', 'status=sent (250 OK id=1sKx0a-0004)'],
  ['2.0.0', 'status=sent (250 2.6.0 <a@b> Queued mail for delivery)'],
  [
    '4.7.1',
    'status=deferred (host mx.example.org[198.51.100.9] said: 451 4.7.1 Greylisting in action, please come back later (in reply to RCPT TO command))',
  ],
  [
    '5.1.1',
    'status=bounced (host mx.example.org[198.51.100.9] said: 550 5.1.1 <x@example.org>: Recipient address rejected: User unknown in relay recipient table (in reply to RCPT TO command))',
  ],
] as const;

function sent(script: Script, host: Host, id: string): void {
  const smtp = script.hold(host.smtp);
  const [dsn, status] = host.random.chance(0.85) ? ANSWERS[0] : host.random.pick(ANSWERS);
  const relay = `mx${host.random.below(9)}.example.org[198.51.100.${host.random.between(1, 250)}]:25`;
  script
    .say(150, smtp, `Trusted TLS connection established to ${relay}: ${TLS}`)
    .say(
      300,
      smtp,
      `${id}: to=<${host.mailbox('example.org')}>, relay=${relay}, delay=1.2, delays=0.2/0.01/0.4/0.6, dsn=${dsn}, ${status}`,
    );
  if (dsn === '5.1.1') bounced(script, host, id);
  else if (dsn === '2.0.0') script.say(1, QMGR, `${id}: removed`);
}

function bounced(script: Script, host: Host, id: string): void {
  const notice = host.queueId();
  const bounce = script.hold(host.bounce);
  const cleanup = script.hold(host.cleanup);
  script
    .say(5, cleanup, `${notice}: message-id=<${host.random.hex(8)}.${notice}@mx1.example.com>`)
    .say(2, bounce, `${id}: sender non-delivery notification: ${notice}`)
    .say(1, QMGR, `${notice}: from=<>, size=${host.random.between(3_000, 9_000)}, nrcpt=1 (queue active)`)
    .say(1, QMGR, `${id}: removed`)
    .say(
      90,
      script.hold(host.lmtp),
      `${notice}: to=<${host.mailbox()}>, relay=mx1.example.com[private/dovecot-lmtp], delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Saved)`,
    )
    .say(1, QMGR, `${notice}: removed`);
}

/** An unknown server is greylisted. */
export function greylisted(host: Host, at: number): Script {
  const script = new Script(at);
  const client = host.sender();
  screened(script, host, client, 'PASS NEW');
  const smtpd = script.hold(host.smtpd);
  const to = host.mailbox();
  script
    .say(20, smtpd, `connect from ${shown(client)}`)
    .say(
      200,
      smtpd,
      `NOQUEUE: reject: RCPT from ${shown(client)}: 450 4.2.0 <${to}>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/example.com.html; from=<${host.mailbox('example.net')}> to=<${to}> proto=ESMTP helo=<${client.name}>`,
    );
  disconnect(script, smtpd, client);
  return script;
}

const NOISE = [
  ['dovecot', 'imap-login: Login: user=<anna@example.com>, method=PLAIN, rip=91.12.4.5, lip=192.0.2.25, TLS'],
  [
    'dovecot',
    'imap(anna@example.com)<3021><sX>: Disconnected: Logged out in=93 out=712 deleted=0 expunged=0',
  ],
  [
    'dovecot',
    'imap-login: Disconnected (no auth attempts in 0 secs): user=<>, rip=45.9.20.1, lip=192.0.2.25',
  ],
  ['postfix/anvil[933]', 'statistics: max connection rate 14/60s for (smtp:45.9.20.1) at Oct  1 10:00:00'],
  ['postfix/anvil[933]', 'statistics: max connection count 2 for (smtp:45.9.20.1) at Oct  1 10:00:00'],
  ['postfix/scache[934]', 'statistics: start interval Oct  1 10:00:00'],
  ['rspamd[640]', '<a1b2c3>; task; rspamd_task_write_log: (default: F (no action): [1.20/15.00]) len: 4210'],
  ['fail2ban.filter[511]', 'INFO [sshd] Found 45.9.20.1 - 2026-10-01 10:00:00'],
  ['postfix/dnsblog[951]', 'addr 45.9.20.1 listed by domain zen.spamhaus.org as 127.0.0.4'],
] as const;

/** Lines of other programs. */
export function noise(host: Host, at: number): Script {
  const script = new Script(at);
  for (let lines = host.random.between(1, 4); lines > 0; lines--) {
    const [tag, message] = host.random.pick(NOISE);
    script.say(host.random.below(500), tag, message);
  }
  return script;
}
