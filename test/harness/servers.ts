// The servers on which hosts share: Redis of this host, and Valkey of Debian 13.

import { DEBIAN_13, VALKEY_COMMAND } from './debian.ts';
import { both, type Component } from './real.ts';
import { REDIS } from './redis.ts';

export interface ServerProgram {
  readonly name: string;
  /** what runs it */
  readonly command: readonly string[];
  readonly component: Component;
}

export const REDIS_PROGRAM: ServerProgram = {
  name: 'Redis',
  command: ['redis-server'],
  component: REDIS,
};

export const SERVERS: readonly ServerProgram[] = [
  REDIS_PROGRAM,
  { name: 'Valkey', command: VALKEY_COMMAND, component: both(REDIS, DEBIAN_13) },
];
