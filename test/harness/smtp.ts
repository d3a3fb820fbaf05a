// An SMTP client that sends exactly what a test gives it.

import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { until } from './until.ts';

export class SmtpClient {
  readonly #socket: Socket;
  #text = '';
  #isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#text += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#isClosed = true;
    });
  }

  /** @param from the loopback address to connect from: Postfix sees it as the client */
  static async connect(port: number, from = '127.0.0.1'): Promise<SmtpClient> {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new SmtpClient(socket);
  }

  /** The same, within TLS from the first byte on, whatever the certificate. */
  static async connectTls(port: number, from: string): Promise<SmtpClient> {
    const plain = connect({ port, host: '127.0.0.1', localAddress: from });
    const socket = connectTls({ socket: plain, rejectUnauthorized: false });
    await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    return new SmtpClient(socket);
  }

  static async probe(port: number): Promise<boolean> {
    try {
      (await SmtpClient.connect(port)).hangUp();
      return true;
    } catch {
      return false;
    }
  }

  /** The server's next reply: its lines joined by newlines. */
  async greeting(): Promise<string> {
    return await until('an SMTP reply', () => {
      const reply = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(this.#text)?.[0];
      if (reply === undefined) {
        if (this.#isClosed) throw new Error(`closed without a reply: ${this.#text}`);
        return undefined;
      }
      this.#text = this.#text.slice(reply.length);
      return reply.trim().replaceAll('\r\n', '\n');
    });
  }

  async command(line: string): Promise<string> {
    this.send(`${line}\r\n`);
    return await this.greeting();
  }

  send(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  /** MAIL, RCPT and, if both were accepted, DATA with the message; the last reply. */
  async mail(sender: string, recipient: string, message: string): Promise<string> {
    for (const line of [`MAIL FROM:<${sender}>`, `RCPT TO:<${recipient}>`]) {
      const reply = await this.command(line);
      if (!reply.startsWith('2')) return reply;
    }
    const go = await this.command('DATA');
    return go.startsWith('3') ? await this.command(`${message}\r\n.`) : go;
  }

  /** Sends QUIT, if the connection is still open, and waits for its end. */
  async quit(): Promise<void> {
    if (!this.#isClosed) this.send('QUIT\r\n');
    await this.closed();
  }

  /** Waits until the server has closed the connection. */
  async closed(): Promise<void> {
    await until('the end of the SMTP connection', () => this.#isClosed);
  }

  hangUp(): void {
    this.#socket.destroy();
  }
}
