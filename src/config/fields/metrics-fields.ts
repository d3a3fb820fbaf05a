// The option metrics: of policy.yml.

import { AllowList } from '../../blocks/allow.ts';
import type { ListenSpec } from '../../net/listen.ts';
import { KEYWORD_NETWORKS } from './allow-fields.ts';
import type { Fields, OptionNode } from './fields.ts';
import { readListener } from './listen-fields.ts';

const EXAMPLES = { unix: '/run/postblock/metrics.sock', inet: '127.0.0.1:9154' };
const LOOPBACK = new AllowList(KEYWORD_NETWORKS.loopback ?? []);

/** `off` is as if it were not set. Metrics have no password, so only this host may read them. */
export function readMetrics(
  place: OptionNode,
  fields: Fields,
  path: (place: OptionNode) => string | undefined,
): ListenSpec | 'off' | undefined {
  if (fields.isText(place) && fields.source(place) === 'off') return 'off';
  const spec = readListener(place, fields, path, EXAMPLES);
  if (spec === undefined || spec.type === 'unix' || isLoopback(spec.host)) return spec;
  return fields.wrong(
    place,
    `${spec.host} is not a loopback address; expected inet: ${EXAMPLES.inet}, or unix: ${EXAMPLES.unix}`,
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || LOOPBACK.coversAddress(host);
}
