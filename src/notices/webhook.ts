// A webhook: one POST over HTTP, signed, within a time. Follows no redirect, and reads no more than the status.

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { WebhookTarget } from '../config/fields/notice-fields.ts';
import { failureText } from '../config/named-file.ts';
import { cut, visible } from '../terminal/text.ts';
import { Deadline } from './deadline.ts';
import type { Notice } from './notice.ts';
import { type Outcome, retryAfter } from './retry.ts';
import { readKey } from './secret-file.ts';
import { signature } from './signature.ts';

const MAX_REASON = 200;
/** Request timeout, too early, too many requests: the receiver may take the same request later (RFC 9110, 8470, 6585). */
const RETRIED = [408, 425, 429];

/** @param now ms since 1970, of the signature @param signal ends the request @returns what became of it; never rejects */
export async function postNotice(
  target: WebhookTarget,
  notice: Notice,
  now: number,
  signal: AbortSignal,
): Promise<Outcome> {
  const body = bodyOf(target, notice);
  const deadline = new Deadline(signal, target.timeout);
  try {
    const headers = await headersOf(target, notice, body, now);
    return outcomeOf(await post(target.url, headers, body, deadline.signal), now);
  } catch (error) {
    return { type: 'retry', reason: reasonOf(error as NodeJS.ErrnoException, target) };
  } finally {
    deadline.clear();
  }
}

/** Slack's API, "Formatting text": & < and > are escaped. */
function bodyOf({ format }: WebhookTarget, notice: Notice): string {
  if (format === 'json') return JSON.stringify(notice);
  const text = notice.text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return JSON.stringify({ text });
}

async function headersOf({ secretFile }: WebhookTarget, { id }: Notice, body: string, now: number) {
  const timestamp = Math.floor(now / 1000);
  const signed =
    secretFile === undefined
      ? {}
      : { 'webhook-signature': signature({ id, timestamp, body }, await keyOf(secretFile)) };
  return {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'postblock',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...signed,
  };
}

async function keyOf(path: string): Promise<Buffer> {
  try {
    return await readKey(path);
  } catch (error) {
    throw new Error(failureText({ option: 'secret-file', path, error: error as Error }));
  }
}

type Head = Pick<IncomingMessage, 'statusCode' | 'headers'>;

/** The head of the response; the connection is closed then, whatever else comes. */
function post(
  url: string,
  headers: Readonly<Record<string, string | number>>,
  body: string,
  signal: AbortSignal,
): Promise<Head> {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(url, { method: 'POST', headers, agent: false, signal });
    request.on('response', (response) => {
      resolve(response);
      response.on('error', () => {});
      request.destroy();
    });
    request.on('error', reject);
    request.end(body);
  });
}

function outcomeOf({ statusCode = 0, headers }: Head, now: number): Outcome {
  if (statusCode >= 200 && statusCode < 300) return { type: 'sent' };
  const reason = `the receiver answers with HTTP status ${statusCode}`;
  if (statusCode < 500 && !RETRIED.includes(statusCode)) return { type: 'refused', reason };
  return { type: 'retry', reason, after: retryAfter(headers['retry-after'], now) };
}

function reasonOf(error: NodeJS.ErrnoException, { timeout }: WebhookTarget): string {
  if (error.name === 'AbortError') return `no answer within ${timeout / 1000} s`;
  return cut(visible(error.message || (error.code ?? 'no connection')), MAX_REASON);
}
