// An SMTP client in a machine, as a program: acts as the client at one address. Prints the last reply.
//
//     node visitor.js knock|guess|crack|scan|spam ADDRESS [COUNT]

import { WRONG_PASSWORD } from '../harness/host.ts';
import { SmtpClient } from '../harness/smtp.ts';

const [smtp, submissions] = [25, 465];
/** smtpd(8) waits a second at each error of a session from its tenth on (smtpd_soft_error_limit). */
const ERRORS = 9;

const ACTIONS: Readonly<Record<string, (from: string, count: number) => Promise<string>>> = {
  /** connects to submission, and sends mail to a recipient that exists */
  knock: async (from) => {
    const greeting = await (await SmtpClient.connectTls(submissions, from)).greeting();
    const client = await session(from);
    await client.command('MAIL FROM:<sender@client.example>');
    const reply = await client.command('RCPT TO:<root@localhost>');
    await client.quit();
    return `${greeting}\n${reply}`;
  },
  /** recipients that do not exist */
  guess: (from, count) =>
    inSessions(from, count, async (client) => {
      await client.command('MAIL FROM:<sender@client.example>');
      return (i) => client.command(`RCPT TO:<nobody-${i}@localhost>`);
    }),
  /** logins with a wrong password */
  crack: (from, count) =>
    inSessions(
      from,
      count,
      async (client) => () => client.command(WRONG_PASSWORD),
      () => SmtpClient.connectTls(submissions, from),
    ),
  /** connections that do not send SMTP */
  scan: async (from, count) => {
    let reply = '';
    for (let i = 0; i < count; i++) {
      const client = await SmtpClient.connect(smtp, from);
      await client.greeting();
      reply = await client.command('GET / HTTP/1.1');
      await client.closed();
    }
    return reply;
  },
  /** messages that header_checks reject */
  spam: (from, count) =>
    inSessions(from, count, async (client) => async () => {
      await client.command('RSET');
      return await client.mail('sender@client.example', 'root@localhost', 'Subject: unwanted\r\n\r\ntext');
    }),
};

async function session(from: string, open = () => SmtpClient.connect(smtp, from)): Promise<SmtpClient> {
  const client = await open();
  await client.greeting();
  await client.command('EHLO client.example');
  return client;
}

/** Does something `count` times, in as many sessions as needed. @returns the last reply */
async function inSessions(
  from: string,
  count: number,
  begin: (client: SmtpClient) => Promise<(i: number) => Promise<string>>,
  open?: () => Promise<SmtpClient>,
): Promise<string> {
  let reply = '';
  for (let done = 0; done < count; ) {
    const client = await session(from, open);
    const act = await begin(client);
    for (const end = Math.min(count, done + ERRORS); done < end; done++) reply = await act(done);
    await client.quit();
  }
  return reply;
}

const [action = '', from = '', count = '1'] = process.argv.slice(2);
console.log(await ACTIONS[action]?.(from, Number(count)));
process.exit();
