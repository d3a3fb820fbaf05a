// Copies of the Debian 13 root: writes to a copy stay in memory and are gone with its mount namespace.

import { fileURLToPath } from 'node:url';
import { DEBIAN_13_PATH } from './debian.ts';
import { temporaryFolder } from './folder.ts';

const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');

/** sh(1) commands that make the copy `${folder}/root`, for a mount namespace of its own. */
export function copyCommands(folder: string): string {
  return `
set -e
mount -t tmpfs -o mode=755 tmpfs ${folder}
mkdir ${folder}/upper ${folder}/work ${folder}/root
mount -t overlay -o lowerdir=${DEBIAN_13_PATH},upperdir=${folder}/upper,workdir=${folder}/work overlay ${folder}/root
`;
}

/**
 * A command that runs Node in a copy, with this checkout, and with its own namespaces for mounts, network and processes.
 * All of it ends with the process that runs the command.
 */
export function nodeInDebian(...args: readonly string[]): readonly [string, ...string[]] {
  const folder = temporaryFolder();
  const root = `${folder}/root`;
  const script = `${copyCommands(folder)}
mount -t proc proc ${root}/proc
mount --rbind /dev ${root}/dev
mount -t tmpfs tmpfs ${root}/tmp
mkdir -p ${root}${CHECKOUT}
mount --bind ${CHECKOUT} ${root}${CHECKOUT}
chroot ${root} ip link set lo up
exec chroot ${root} env --chdir=${CHECKOUT} node "$@"
`;
  const namespaces = ['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child'];
  return ['setpriv', '--pdeathsig=KILL', ...namespaces, 'sh', '-c', script, 'sh', ...args];
}
