// Daemons of the benchmark that share.

import { ask } from '../../../src/cli/client.ts';
import { Served } from '../served.ts';
import { awaited } from '../waiting.ts';
import type { SharedServer } from './shared-server.ts';

interface Status {
  readonly sharing: { readonly up: boolean; readonly sends: string };
}

/** A daemon that shares, once it does. */
export async function sharingHost(host: string, { socket }: SharedServer): Promise<Served> {
  const more = `share-state: {url: "unix://${socket}", host: ${host}}\n`;
  const served = await Served.start({ level: 'info', more });
  await awaited(`${host} to share`, served.program, async () => {
    const { sharing } = await ask<Status>(`${served.folder}/state`, { command: 'status' });
    return (sharing.up && sharing.sends === 'live') || undefined;
  });
  return served;
}
