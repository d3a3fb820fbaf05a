// What hosts report of themselves, as the server holds it.

import { isNatural, isObject, jsonIn } from '../../values/json.ts';
import { type HostReport, SENDER_MODES } from '../shared-store.ts';
import { MAX_HOST } from './changes.ts';

const MAX_TEXT = 1000;
const MAX_WORD = 64;

/** @returns undefined for what no host wrote */
export function hostReportOf(host: string, text: string): HostReport | undefined {
  if (host.length > MAX_HOST || text.length > MAX_TEXT) return undefined;
  const report = jsonIn(text);
  if (!isObject(report)) return undefined;
  const { version, digest, seen, lag, sends: sendsText, backlog } = report;
  if (!isWord(version) || !isWord(digest) || !isNatural(seen) || !isNatural(lag)) return undefined;
  const sends = SENDER_MODES.find((mode) => mode === sendsText);
  const more = { ...(sends !== undefined && { sends }), ...(isNatural(backlog) && { backlog }) };
  return { host, version, digest, seen, lag, ...more };
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_WORD;
}
