// The text of check: the rules of a policy, what its allow keywords stand for on this host, the requests of Postfix, and
// the problems.

import type { AllowItem } from '../../blocks/allow.ts';
import type { Rule } from '../../blocks/rules.ts';
import type { CheckAnswer, CheckedRequest, CheckedService } from '../../check/answer.ts';
import type { Config } from '../../config/config.ts';
import { visible } from '../../terminal/text.ts';

/** Networks of one keyword that are shown. */
const MAX_NETWORKS = 20;

/** @param isOtherUser root checks for a daemon of another user */
export function checkText(
  { policy, services, problems }: CheckAnswer,
  { rules, allow }: Pick<Config, 'rules' | 'allow'>,
  isOtherUser = false,
): string {
  const lines = [
    `${policy}: no mistakes; rules: ${rules.map(ruleText).join(', ')}`,
    ...allow.flatMap(hostText),
    ...(services ?? []).map(serviceText),
    ...problems.map(problemText),
    ...(isOtherUser ? [ROOT_NOTE] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const ROOT_NOTE =
  "note: root may read and write everything. To check permissions too, run this as the daemon's user";

/** One line for a problem: what is wrong, then what to do. */
function problemText({ weight, about, problem, remedy }: CheckAnswer['problems'][number]): string {
  return visible(`${weight}: ${about.join(', ')}: ${problem}. ${remedy}`);
}

function serviceText({ service, isLocal, requests }: CheckedService): string {
  const asked =
    requests.length === 0 ? 'Postfix never asks' : `Postfix asks at ${requests.map(requestText).join(', ')}`;
  return visible(`${service}: ${asked}${isLocal ? '; only this host can connect' : ''}`);
}

function requestText({ stage, list, after }: CheckedRequest): string {
  const behind = after.length === 0 ? '' : ` after ${after.join(', ')}`;
  return `${stage === 'END-OF-MESSAGE' ? 'the end of DATA' : stage} (${list}${behind})`;
}

function ruleText({ name, enforce, share = 0, forgive, passes, repeat }: Rule): string {
  const words = [
    ...(enforce ? [] : ['watched only']),
    ...(share === 0 ? [] : [`share ${Number((share * 100).toFixed(6))}%`]),
    ...(forgive === undefined ? [] : [`forgive ${forgive}`]),
    ...(passes === undefined ? [] : [`passes ${passes}`]),
    ...(repeat === undefined ? [] : ['repeat']),
  ];
  return words.length === 0 ? name : `${name} (${words.join(', ')})`;
}

/** What differs from host to host. */
function hostText(item: AllowItem): string[] {
  if (typeof item === 'string' || (item.keyword !== 'own' && item.keyword !== 'mynetworks')) return [];
  const { keyword, networks } = item;
  const more = networks.length - MAX_NETWORKS;
  const shown = networks.slice(0, MAX_NETWORKS).join(', ');
  return [`allow: ${keyword}: ${shown || 'none'}${more > 0 ? ` and ${more} more` : ''}`];
}
