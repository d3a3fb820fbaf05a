// The words that a shell completes and only the policy or the daemon knows.

import { loadConfig, loadStateDirectory } from '../config/load.ts';
import type { ListAnswer } from '../desk/answers.ts';
import { ask } from './client.ts';

/** More than anybody looks through after TAB. */
const MAX_WORDS = 1000;
/** ms that a shell waits for the daemon */
const PATIENCE = 500;

/**
 * The rules of the policy, or the IPs that are blocked, newest first. Somebody is typing: where the words are not known,
 * there are none, and no error.
 */
export async function completionWords(what: 'rules' | 'blocked', policy: string): Promise<readonly string[]> {
  try {
    return (await (what === 'rules' ? ruleNames(policy) : blockedIps(policy))).slice(0, MAX_WORDS);
  } catch {
    return [];
  }
}

async function ruleNames(policy: string): Promise<readonly string[]> {
  return (await loadConfig(policy)).rules.map(({ name }) => name);
}

async function blockedIps(policy: string): Promise<readonly string[]> {
  const state = await loadStateDirectory(policy);
  const { blocks } = await ask<ListAnswer>(state, { command: 'list' }, PATIENCE);
  return [...blocks].sort((a, b) => b.since.localeCompare(a.since)).map(({ ip }) => ip);
}
