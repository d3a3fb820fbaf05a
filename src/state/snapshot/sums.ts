// The checksums of a snapshot that is being written: of all lines but the last, and of the blocked part alone.

import { crc32 } from 'node:zlib';
import { type BlockedPart, partField } from './blocked-part.ts';
import { joinedSum } from './joined-sum.ts';

/** A sum of bytes that come one after another. */
interface Sum {
  bytes: number;
  crc32: number;
}

export class SnapshotSums {
  readonly #part: Sum = { bytes: 0, crc32: 0 };
  readonly #rest: Sum = { bytes: 0, crc32: 0 };

  /**
   * Adds what is written behind the field of the blocked part.
   * @param partEnd bytes of the blocked part; undefined while its end is not known, and all bytes belong to it
   */
  add(bytes: Buffer, partEnd = Number.POSITIVE_INFINITY): void {
    const inPart = Math.min(bytes.length, partEnd - this.#part.bytes);
    add(this.#part, bytes.subarray(0, inPart));
    add(this.#rest, bytes.subarray(inPart));
  }

  get part(): BlockedPart {
    return this.#part;
  }

  /** CRC-32 of the field of the blocked part, and of all that was added. */
  get whole(): number {
    const field = crc32(partField(this.#part));
    const { bytes, crc32: sum } = this.#part;
    return joinedSum(joinedSum(field, sum, bytes), this.#rest.crc32, this.#rest.bytes);
  }
}

function add(sum: Sum, bytes: Buffer): void {
  if (bytes.length === 0) return;
  sum.bytes += bytes.length;
  sum.crc32 = crc32(bytes, sum.crc32);
}
