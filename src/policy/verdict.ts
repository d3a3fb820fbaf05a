// The verdict: the reply to Postfix about a client. Only reads, never waits.

import type { Blocks, Refused } from '../blocks/blocks.ts';
import { MINUTE } from '../values/duration.ts';
import { minuteText } from '../values/iso-time.ts';
import type { PolicyRequest } from './request.ts';

/** access(5): no opinion, Postfix asks the next restriction. */
export const DUNNO = 'action=DUNNO\n\n';

/**
 * The reply to one request at `now` (ms).
 *
 * @param onPassed called where a blocked client is not refused, because it has logged in
 */
export function verdict(
  request: Pick<PolicyRequest, 'clientAddress' | 'clientName' | 'saslUsername'>,
  blocks: Pick<Blocks, 'refusing'>,
  now: number,
  onPassed?: () => void,
): string {
  const address = request.clientAddress;
  const refused = blocks.refusing(address, () => verifiedName(request.clientName), now);
  if (refused === undefined) return DUNNO;
  if (isPassed(request, refused)) {
    onPassed?.();
    return DUNNO;
  }
  return `action=REJECT ${messageText(refused, address)}\n\n`;
}

/** Whether the client logged in, and the rule lets such clients pass. */
function isPassed({ saslUsername }: Pick<PolicyRequest, 'saslUsername'>, { rule }: Refused): boolean {
  return rule.passes === 'authenticated' && saslUsername !== '';
}

/** The rule's message with its placeholders filled in. `{until}` is UTC, rounded up to the minute. */
export function messageText({ rule, block }: Refused, ip: string): string {
  if (!rule.message.includes('{')) return rule.message;
  const values: Readonly<Record<string, string>> = {
    '{ip}': ip,
    '{rule}': rule.name,
    '{until}': minuteText(Math.ceil(block.until / MINUTE) * MINUTE),
  };
  return rule.message.replace(/\{(?:ip|rule|until)\}/g, (placeholder) => values[placeholder] ?? placeholder);
}

function verifiedName(name: string): string | undefined {
  return name === '' || name === 'unknown' ? undefined : name;
}
