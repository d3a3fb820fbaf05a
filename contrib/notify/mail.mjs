#!/usr/bin/env node
// Mails a notice of postblock, by SMTP to this host: sendmail(1) does not work without new privileges.
//
//   on-block:
//     - command: [/usr/local/bin/mail.mjs, postmaster@example.com]
//
// Arguments: the recipient; the sender (default: the recipient); HOST:PORT (default: 127.0.0.1:25).

import { once } from 'node:events';
import { connect } from 'node:net';
import { hostname } from 'node:os';
import { createInterface } from 'node:readline';
import { text as all } from 'node:stream/consumers';

const [to, from = to, server = '127.0.0.1:25'] = process.argv.slice(2);
/** sysexits.h: wrong usage, the message is refused, try again later */
const [USAGE, UNAVAILABLE, TEMPFAIL] = [64, 69, 75];

function fail(status, reason) {
  console.error(reason);
  process.exit(status);
}

if (!/^[^\s<>@]+@[^\s<>@]+$/.test(to ?? '')) fail(USAGE, 'usage: mail.mjs RECIPIENT [SENDER [HOST:PORT]]');

const notice = JSON.parse(await all(process.stdin));
const [title, ...more] = notice.text.split('\n');
const subject = `postblock: ${title}`.slice(0, 200).replace(/[^ -~]/g, '?');
const message = [
  `From: postblock <${from}>`,
  `To: ${to}`,
  `Subject: ${subject}`,
  `Date: ${new Date(notice.written).toUTCString().replace('GMT', '+0000')}`,
  `Message-ID: <${notice.id}@${hostname()}>`,
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: 8bit',
  // RFC 3834: no vacation program answers.
  'Auto-Submitted: auto-generated',
  '',
  title,
  ...more,
  '',
  ...notice.events.flatMap((event) => JSON.stringify(event).match(/.{1,900}/gs) ?? []),
];

const split = server.lastIndexOf(':');
const socket = connect(Number(server.slice(split + 1)), server.slice(0, split));
socket.setTimeout(8000, () => fail(TEMPFAIL, 'the mail server does not answer'));
socket.on('error', (error) => fail(TEMPFAIL, error.message));
await once(socket, 'connect');
const lines = createInterface({ input: socket })[Symbol.asyncIterator]();

/** Sends a command, and waits for its reply: all lines but the last have a hyphen after the code. */
async function command(line, expected) {
  if (line !== undefined) socket.write(`${line}\r\n`);
  for (;;) {
    const { value, done } = await lines.next();
    if (done) fail(TEMPFAIL, 'the mail server has closed the connection');
    if (value[3] === '-') continue;
    if (value.startsWith(expected)) return;
    fail(value.startsWith('5') ? UNAVAILABLE : TEMPFAIL, value);
  }
}

await command(undefined, '220');
await command(`EHLO ${hostname()}`, '250');
await command(`MAIL FROM:<${from}>`, '250');
await command(`RCPT TO:<${to}>`, '250');
await command('DATA', '354');
// RFC 5321 4.5.2: a line that begins with a dot gets another one.
await command([...message.map((line) => line.replace(/^\./, '..')), '.'].join('\r\n'), '250');
socket.end('QUIT\r\n');
