// The files that share-state: names: two passwords, and the certificates of authorities.

import type { ShareSpec } from './fields/share-fields.ts';
import type { FileFailure } from './named-file.ts';
import { readPlainFile } from './plain-file.ts';
import { readSecretFile } from './secret-file.ts';

const MAX_BYTES = 1 << 20;

export interface ShareFiles {
  readonly password?: string | undefined;
  readonly sentinelPassword?: string | undefined;
  readonly ca?: string | undefined;
  /** those that cannot be used */
  readonly failures: readonly FileFailure[];
}

type Names = Pick<ShareSpec, 'passwordFile' | 'sentinelPasswordFile' | 'caFile'>;

export async function readShareFiles({
  passwordFile,
  sentinelPasswordFile,
  caFile,
}: Names): Promise<ShareFiles> {
  const failures: FileFailure[] = [];
  const read = async (name: string, path: string | undefined, reader: (path: string) => Promise<string>) => {
    if (path === undefined) return undefined;
    try {
      return await reader(path);
    } catch (error) {
      failures.push({ option: `share-state.${name}`, path, error: error as NodeJS.ErrnoException });
      return undefined;
    }
  };
  const password = await read('password-file', passwordFile, readPassword);
  const sentinelPassword = await read('sentinel-password-file', sentinelPasswordFile, readPassword);
  // No secret: it holds what the server shows to everybody.
  const ca = await read('ca-file', caFile, readText);
  return { password, sentinelPassword, ca, failures };
}

/** Without the line break at its end. */
async function readPassword(path: string): Promise<string> {
  return (await readSecretFile(path, MAX_BYTES)).trimEnd();
}

async function readText(path: string): Promise<string> {
  return (await readPlainFile(path, MAX_BYTES)).toString('utf8');
}
