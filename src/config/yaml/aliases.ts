// The nodes that the aliases of a YAML document stand for.

import { type Alias, type Document, isAlias, type Node, visit } from 'yaml';

/**
 * The node that each alias stands for: the last one before it with its anchor (YAML 1.2.2, 7.1). Found in one pass
 * for all; Alias.resolve() of yaml searches the document again for each.
 */
export function aliasTargets(document: Document): ReadonlyMap<Alias, Node> {
  const anchored = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Node: (_key, node) => {
      if (isAlias(node)) {
        const target = anchored.get(node.source);
        if (target !== undefined) targets.set(node, target);
      } else if (node.anchor !== undefined) anchored.set(node.anchor, node);
    },
  });
  return targets;
}
