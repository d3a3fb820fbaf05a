// Opens what several hosts share, where policy.yml names a server for it.

import { hostname } from 'node:os';
import type { ShareSpec } from '../config/fields/share-fields.ts';
import { readPlainFile } from '../config/plain-file.ts';
import { EXIT, ExitError } from '../exit.ts';
import type { SharedStore, StoreListener, StoreSpec } from '../sharing/shared-store.ts';

/** Bytes of a file with a password or with certificates. */
const MAX_SECRET = 1 << 20;

/** Makes the connection to the server; what it reports goes to the listener. */
export type OpenStore = (listener: StoreListener) => SharedStore;

/**
 * Reads the files that the option names, and loads the client of the server.
 * @throws ExitError 78 where a file cannot be read
 */
export async function storeOpener(share: ShareSpec): Promise<OpenStore> {
  const { passwordFile, caFile, host = hostname(), ...rest } = share;
  const password = await secretIn(passwordFile, 'password-file');
  const ca = await secretIn(caFile, 'ca-file');
  const spec: StoreSpec = { ...rest, host, password: password?.trimEnd(), ca };
  // The client takes longer to load than all of the daemon: only those wait for it who use it.
  const { openStore } = await import('../sharing/server/open-store.ts');
  return (listener) => openStore(spec, listener);
}

/** The name of this host among all that share. */
export function hostOf({ host = hostname() }: ShareSpec): string {
  return host;
}

async function secretIn(path: string | undefined, option: string): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return (await readPlainFile(path, MAX_SECRET)).toString('utf8');
  } catch (error) {
    const reason = (error as Error).message;
    throw new ExitError(EXIT.config, [`share-state.${option}: ${path} cannot be read: ${reason}`], error);
  }
}
