// Looks up groups by getent(1), which asks every group database of the host.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** ms that getent(1) may take, which may ask a directory server */
const LOOKUP = 5000;

/** @throws where there is no such group: an error with the code ENOENT; ETIMEDOUT where no answer comes in time */
export async function groupId(name: string): Promise<number> {
  const id = Number((await entry(name))[2] ?? Number.NaN);
  if (Number.isNaN(id)) throw Object.assign(new Error(`there is no group ${name}`), { code: 'ENOENT' });
  return id;
}

/** The name of a group, or its number where it has none. Never throws. */
export async function groupName(id: number): Promise<string> {
  const [name = ''] = await entry(String(id)).catch(() => []);
  return name === '' ? String(id) : name;
}

/** The users that have it as a supplementary group; none where there is no such group. @throws ETIMEDOUT */
export async function groupMembers(name: string): Promise<readonly string[]> {
  const [, , , members = ''] = await entry(name);
  return members.split(',').filter((member) => member !== '');
}

/** The fields of its line as in group(5); none where there is no such group. */
async function entry(key: string): Promise<readonly string[]> {
  const output = await promisify(execFile)('getent', ['group', key], { timeout: LOOKUP }).catch((error) => {
    if ((error as { killed?: boolean }).killed)
      throw Object.assign(new Error(`getent did not find the group ${key} in time`), { code: 'ETIMEDOUT' });
    return undefined;
  });
  return output?.stdout.trim().split(':') ?? [];
}
