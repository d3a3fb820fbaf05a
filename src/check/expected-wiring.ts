// What Postfix must say to ask this postblock: the texts for main.cf and master.cf.

import { relative } from 'node:path';
import { type ListenSpec, listenText } from '../net/listen.ts';
import type { ServiceWiring } from '../wiring/service-wiring.ts';

/** The name that contrib/main.cf gives the request. */
const NAME = '$postblock';

/** The definition of `$postblock` in main.cf. @param queueDirectory where Postfix's paths start, in and out of its chroot */
export function definition(listen: readonly ListenSpec[], queueDirectory: string): string {
  const inQueue = listen.find((spec) => spec.type === 'unix' && spec.path.startsWith(`${queueDirectory}/`));
  const address = addressFor(inQueue ?? listen[0], queueDirectory);
  return `postblock = check_policy_service { ${address}, timeout=2s, try_limit=1, default_action=DUNNO }`;
}

function addressFor(spec: ListenSpec | undefined, queueDirectory: string): string {
  if (spec === undefined) return 'inet:127.0.0.1:10040';
  if (spec.type === 'inet') {
    const isAny = spec.host === '0.0.0.0' || spec.host === '::';
    return listenText(isAny ? { ...spec, host: spec.host === '::' ? '::1' : '127.0.0.1' } : spec);
  }
  const path = relative(queueDirectory, spec.path);
  return `unix:${path.startsWith('..') ? spec.path : path}`;
}

/** `in main.cf: LIST = $postblock, …`, or the same for master.cf if the service sets the list there. */
export function putFirst({ service, parameters }: ServiceWiring, list: string): string {
  const rest = parameters.get(list) === '' || !parameters.has(list) ? '' : ', …';
  if (!service.overrides.has(list)) return `In main.cf: ${list} = ${NAME}${rest}`;
  return rest === ''
    ? `In master.cf, under the service: -o ${list}=${NAME}`
    : `In master.cf, under the service: -o { ${list} = ${NAME}${rest} }`;
}
