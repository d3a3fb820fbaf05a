// Events through the server: what it takes for each, and what its memory holds of a client.

import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../../src/config/load.ts';
import { termsOf } from '../../../src/config/terms.ts';
import { ServerStore } from '../../../src/sharing/server/server-store.ts';
import { sharedRulesOf } from '../../../src/sharing/shared-rules.ts';
import type { SharedRules } from '../../../src/sharing/shared-store.ts';
import type { EventBatch } from './event-mixes.ts';
import { SharedServer } from './shared-server.ts';

/** Calls on their way at any time, as of many hosts. */
const CALLS = 16;
/** ms */
const TIMEOUT = 60_000;
const SINCE = '2026-01-01T00:00:00.000Z';
const POLICY = fileURLToPath(new URL('../../../../policy.yml', import.meta.url));

/** Those of the shipped policy.yml. */
export async function shippedRules(): Promise<SharedRules> {
  return sharedRulesOf(termsOf(await loadConfig(POLICY)));
}

export interface CountedRun {
  /** microseconds of the server's CPU time, and of elapsed time, for each event */
  readonly cpu: number;
  readonly elapsed: number;
  /** bytes by which its data grew */
  readonly bytes: number;
  /** entries of its streams, and their bytes */
  readonly streams: { readonly entries: number; readonly bytes: number };
}

/** Counts batches on a new server. */
export async function counted(batches: readonly EventBatch[], rules: SharedRules): Promise<CountedRun> {
  const server = await SharedServer.start('server');
  const store = await connected(server);
  const events = batches.reduce((sum, batch) => sum + batch.events.length, 0);
  const before = { memory: await server.memory(), cpu: server.cpu, at: performance.now() };
  let next = 0;
  const caller = async () => {
    for (let batch = batches[next++]; batch !== undefined; batch = batches[next++])
      await store.count(
        { ...batch, source: '/var/log/mail.log', since: SINCE, breakerOpened: undefined },
        rules,
      );
  };
  await Promise.all(Array.from({ length: CALLS }, caller));
  const elapsed = ((performance.now() - before.at) * 1000) / events;
  const cpu = (server.cpu - before.cpu) / events;
  const bytes = (await server.memory()) - before.memory;
  const streams = await server.streams();
  await store.close();
  await server.stop();
  return { cpu, elapsed, bytes, streams };
}

async function connected({ socket }: SharedServer): Promise<ServerStore> {
  return await new Promise((resolve, reject) => {
    const spec = {
      urls: [socket],
      kind: 'single',
      prefix: 'postblock',
      host: 'mx1',
      timeout: TIMEOUT,
    } as const;
    const store = new ServerStore(spec, {
      changed: () => {},
      asked: () => {},
      setAside: () => {},
      connection: (isUp, reason) => (isUp ? resolve(store) : reject(new Error(reason))),
    });
  });
}
