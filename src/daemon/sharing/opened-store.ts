// The server under share-state: in policy.yml, with the files that reach it read, and its client loaded.

import { hostname } from 'node:os';
import type { ShareSpec } from '../../config/fields/share-fields.ts';
import { failureText } from '../../config/named-file.ts';
import { readShareFiles } from '../../config/share-files.ts';
import { EXIT, ExitError } from '../../exit.ts';
import type { SharedStore, StoreListener, StoreSpec } from '../../sharing/shared-store.ts';

/** Makes the connection to the server; what it reports goes to the listener. */
type OpenStore = (listener: StoreListener) => SharedStore;

/** How a server is reached. */
export interface OpenedStore {
  /** name of this host */
  readonly host: string;
  /** all that it is reached by, with the content of files: two that are the same are reached in the same way */
  readonly spec: string;
  readonly open: OpenStore;
}

/**
 * Reads the files that the option names, and loads the client of the server; undefined where no server is named.
 * @throws ExitError 78 where a file cannot be used
 */
export async function openedStore(share: ShareSpec | undefined): Promise<OpenedStore | undefined> {
  if (share === undefined) return undefined;
  const { passwordFile, sentinelPasswordFile, caFile, host = hostname(), ...rest } = share;
  const { failures, ...read } = await readShareFiles({ passwordFile, sentinelPasswordFile, caFile });
  if (failures.length > 0) throw new ExitError(EXIT.config, failures.map(failureText));
  const spec: StoreSpec = { ...rest, ...read, host };
  // The client takes longer to load than all of the daemon: only those wait for it who use it.
  const { ServerStore } = await import('../../sharing/server/server-store.ts');
  return { host, spec: JSON.stringify(spec), open: (listener) => new ServerStore(spec, listener) };
}
