#!/usr/bin/env node
// Opens a ticket for a notice of postblock, by the REST interface of Zammad; others take much the same.
//
//   on-block:
//     - command: [/usr/local/bin/ticket.mjs, https://tickets.example.com/api/v1/tickets, /etc/postblock/ticket.token]
//       events: [breaker, trouble]
//
// Arguments: the URL; a file with the token.

import { readFileSync } from 'node:fs';
import { text as all } from 'node:stream/consumers';

const [url, tokenFile] = process.argv.slice(2);
/** sysexits.h: wrong usage, the ticket is refused, try again later */
const [USAGE, UNAVAILABLE, TEMPFAIL] = [64, 69, 75];

function fail(status, reason) {
  console.error(reason);
  process.exit(status);
}

if (tokenFile === undefined) fail(USAGE, 'usage: ticket.mjs URL TOKEN-FILE');

const notice = JSON.parse(await all(process.stdin));
const [title] = notice.text.split('\n', 1);
const ticket = {
  title: `postblock: ${title}`.slice(0, 200),
  group: 'Postmaster',
  customer: 'postmaster@example.com',
  article: { subject: title.slice(0, 200), body: notice.text, type: 'note', internal: true },
};

const response = await fetch(url, {
  method: 'POST',
  redirect: 'manual',
  signal: AbortSignal.timeout(8000),
  headers: {
    authorization: `Token token=${readFileSync(tokenFile, 'utf8').trim()}`,
    'content-type': 'application/json',
  },
  body: JSON.stringify(ticket),
}).catch((error) => fail(TEMPFAIL, error.cause?.message ?? error.message));

if (!response.ok)
  fail(
    response.status >= 500 || response.status === 429 ? TEMPFAIL : UNAVAILABLE,
    `HTTP status ${response.status}`,
  );
