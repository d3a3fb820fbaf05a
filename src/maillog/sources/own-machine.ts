// This machine's entries among those of several machines in the journal.

import { readFileSync } from 'node:fs';

/** hexadecimal digits, machine-id(5) */
const ID_LENGTH = 32;

/** A match for journalctl(1); none without a machine-id(5), where journald keeps no journal. */
export function ownMachine(): readonly string[] {
  try {
    const id = readFileSync('/etc/machine-id', 'utf8').trim();
    // At the first boot it may be "uninitialized".
    return id.length === ID_LENGTH ? [`_MACHINE_ID=${id}`] : [];
  } catch {
    return [];
  }
}
