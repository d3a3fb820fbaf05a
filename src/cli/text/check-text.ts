// The text of check: the rules of a policy, and what its allow keywords stand for on this host.

import type { AllowItem } from '../../blocks/allow.ts';
import type { Rule } from '../../blocks/rules.ts';
import type { Config } from '../../config/config.ts';

/** Networks of one keyword that are shown. */
const MAX_NETWORKS = 20;

/** @param path of the policy */
export function checkText(path: string, { rules, allow }: Pick<Config, 'rules' | 'allow'>): string {
  const lines = [
    `${path}: no mistakes; rules: ${rules.map(ruleText).join(', ')}`,
    ...allow.flatMap(hostText),
  ];
  return `${lines.join('\n')}\n`;
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
