// The clients of an export: those that the policy service refuses now, whoever asks. Reads the blocks in steps.

import type { AllowItem } from '../blocks/allow.ts';
import type { Blocks } from '../blocks/blocks.ts';
import type { ClientView } from '../blocks/table/table-view.ts';
import { clientKey } from '../values/address.ts';
import { inParts } from '../values/in-parts.ts';
import { parseNetwork } from '../values/network.ts';
import { ClientSet } from './client-set.ts';
import type { Blocked } from './formats.ts';
import { ipv4Holders } from './ipv4-holders.ts';

/** Clients that are looked at before verdicts are answered again: less than a millisecond. */
const STEP = 200;

/** A blocked client, and the rule that blocks it. */
export interface RuledBlock extends Blocked {
  readonly rule: string;
}

/**
 * All of them, each once, in no certain order, in parts: a list of a million would take more memory than their records.
 * @param allow the allow list of the policy @param now ms since 1970 @param pause lets others have their turn
 */
export async function* blockedNow(
  blocks: Blocks,
  allow: readonly AllowItem[],
  now: number,
  pause: () => Promise<void>,
): AsyncGenerator<readonly RuledBlock[]> {
  const spared = new SparedNetworks(blocks, allow);
  // A client whose block ends and starts again meanwhile comes twice.
  const seen = new ClientSet();
  const ruledBlocksOf = ({ key: ip, block }: ClientView): readonly RuledBlock[] => {
    const refused = block && blocks.refusing(ip.split('/', 1)[0] ?? '', () => block.name, now);
    if (refused === undefined || spared.has(ip) || !seen.add(ip)) return [];
    return [{ ip, rule: refused.rule.name, until: refused.block.until }];
  };
  for (const clients of inParts(blocks.table.search(true), STEP)) {
    yield clients.flatMap(ruledBlocksOf);
    await pause();
  }
}

/**
 * Networks of clients in which the allow list has a part, or that hold addresses of IPv4 clients. The policy service lets
 * those pass, and a list of networks cannot.
 */
class SparedNetworks {
  readonly #allowed: readonly string[];
  readonly #nat64: Blocks['terms']['nat64'];
  /** by the bits of their prefix */
  readonly #keys = new Map<string, ReadonlySet<string>>();

  constructor({ allowEntries, terms }: Blocks, allow: readonly AllowItem[]) {
    const listed = allow.flatMap((item) => (typeof item === 'string' ? item : item.networks));
    const byHand = allowEntries.all.map(({ entry }) => entry);
    this.#allowed = [...listed, ...byHand].filter((text) => parseNetwork(text)?.family === 6);
    this.#nat64 = terms.nat64;
  }

  has(key: string): boolean {
    const [, bits] = key.split('/');
    if (bits === undefined) return false;
    const known = this.#keys.get(bits) ?? this.#keysOf(Number(bits));
    this.#keys.set(bits, known);
    return known.has(key);
  }

  #keysOf(bits: number): ReadonlySet<string> {
    const keys = this.#allowed.map((text) => clientKey(text.split('/', 1)[0] ?? '', bits, this.#nat64) ?? '');
    return new Set([...keys, ...ipv4Holders(bits, this.#nat64)]);
  }
}
