// What another host has found: what it answers, and how its answer is checked.

import { isClientKey } from '../../values/address.ts';
import { isoTime } from '../../values/iso-time.ts';
import { isNatural, isObject } from '../../values/json.ts';
import {
  type ClientState,
  type FoundByHost,
  type FoundClient,
  type FoundElsewhere,
  type FoundField,
  type FoundMatch,
  OWN_PLACES,
} from './answer.ts';

/** Clients that a host answers at most. */
export const MAX_FOUND = 100;
/** Bytes of their JSON at most: with what is around it, less than an answer may have. */
const MAX_BYTES = 60_000;
/** Characters of a rule, and of a text with the … of its ends. */
const MAX_RULE = 100;
const MAX_TEXT = 202;
/** Hosts that an answer names. */
export const MAX_NAMED = 10;

const STATES: readonly ClientState[] = ['allowed', 'blocked', 'grace', 'spared', 'watched', 'none'];
const FIELDS: readonly FoundField[] = ['ip', 'name', 'user', 'sender', 'recipient', 'helo', 'reason', 'by'];

/** The first clients, as many as an answer has room for. */
export function fitting<T extends Omit<FoundByHost, 'host'>>(answer: T): T {
  let room = MAX_BYTES;
  const rest = answer.found.findIndex((client) => {
    room -= Buffer.byteLength(JSON.stringify(client)) + 1;
    return room < 0;
  });
  return rest === -1 ? answer : { ...answer, found: answer.found.slice(0, rest), isMore: true };
}

/** What another host answers; undefined for what no host answers. It came over the server that hosts share. */
export function foundBy(host: string, answer: unknown): FoundByHost | undefined {
  if (!isObject(answer)) return undefined;
  const { found, isMore, isComplete } = answer;
  if (!Array.isArray(found) || typeof isMore !== 'boolean' || typeof isComplete !== 'boolean')
    return undefined;
  const clients = found.slice(0, MAX_FOUND).flatMap((client) => clientIn(client) ?? []);
  return { host, found: clients, isMore: isMore || found.length > MAX_FOUND, isComplete };
}

/**
 * @param answers of the hosts that have answered
 * @param missing those that have not
 * @param limit of the clients of all hosts together: the newest are kept
 */
export function foundElsewhere(
  answers: ReadonlyMap<string, unknown>,
  missing: readonly string[],
  limit: number,
): FoundElsewhere {
  const all = [...answers].map(([host, answer]) => foundBy(host, answer) ?? host);
  const wrong = all.filter((one) => typeof one === 'string');
  const hosts = all.filter((one) => typeof one !== 'string');
  return {
    hosts: newestOf(hosts, limit)
      .filter(({ found, isMore, isComplete }) => found.length > 0 || isMore || !isComplete)
      .sort((a, b) => (newestIn(a) < newestIn(b) ? 1 : -1)),
    asked: answers.size + missing.length,
    missing: [...missing, ...wrong].slice(0, MAX_NAMED),
  };
}

/** Of the clients of all hosts the newest. */
function newestOf(hosts: readonly FoundByHost[], limit: number): readonly FoundByHost[] {
  const times = hosts.flatMap(({ found }) => found.map(({ newest }) => newest.at)).sort();
  const oldest = times.at(-limit) ?? '';
  let left = limit;
  return hosts.map((host) => {
    const found = host.found.filter(({ newest }) => newest.at >= oldest).slice(0, left);
    left -= found.length;
    return { ...host, found, isMore: host.isMore || found.length < host.found.length };
  });
}

function newestIn({ found }: FoundByHost): string {
  return found[0]?.newest.at ?? '';
}

function clientIn(value: unknown): FoundClient | undefined {
  if (!isObject(value)) return undefined;
  const { ip, state: stateText, rule, until, matches, newest: match } = value;
  const state = STATES.find((one) => one === stateText);
  const newest = matchIn(match);
  if (typeof ip !== 'string' || !isClientKey(ip) || state === undefined || newest === undefined)
    return undefined;
  if (!isNatural(matches) || !(rule === null || isText(rule, MAX_RULE)) || !(until === null || isIso(until)))
    return undefined;
  return { ip, state, rule, until, matches, newest };
}

function matchIn(value: unknown): FoundMatch | undefined {
  if (!isObject(value)) return undefined;
  const { at, place: placeText, field: fieldText, text } = value;
  const place = OWN_PLACES.find((one) => one === placeText);
  const field = FIELDS.find((one) => one === fieldText);
  if (!isIso(at) || place === undefined || field === undefined || !isText(text, MAX_TEXT)) return undefined;
  return { at, place, event: null, field, text };
}

function isText(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.length <= most;
}

function isIso(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(isoTime(value));
}
