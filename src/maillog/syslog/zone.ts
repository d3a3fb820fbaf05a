// Time zones: the local time of a moment, and the moments of a local time.

import { DAY, MINUTE } from '../../values/duration.ts';

export interface Zone {
  /** ms by which the clocks are ahead of UTC at a moment (ms since 1970) */
  offsetAt(at: number): number;
}

/** The zone of this process: TZ, else the system's. */
export const HOST_ZONE: Zone = { offsetAt: (at) => -new Date(at).getTimezoneOffset() * MINUTE };

/** As in the tz database: `Europe/Berlin`, `America/Argentina/Ushuaia`, `Etc/GMT+5`, `UTC` */
const NAME = /^[A-Za-z][A-Za-z0-9_+-]{0,31}(?:\/[A-Za-z0-9_+-]{1,31}){0,2}$/;

/** Whether the tz database has a zone of this name. */
export function isZoneName(name: string): boolean {
  if (!NAME.test(name)) return false;
  try {
    return formatOf(name).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/**
 * @param name in the tz database; undefined for the host's own zone
 * @throws RangeError where it has no such zone
 */
export function zoneOf(name: string | undefined): Zone {
  return name === undefined ? HOST_ZONE : new NamedZone(name);
}

/** Zones change their clocks at whole quarters of an hour (tz database). */
const QUARTER = 15 * MINUTE;
const MAX_QUARTERS = 64;

class NamedZone implements Zone {
  readonly #format: Intl.DateTimeFormat;
  /** offset by quarter: Intl takes some microseconds to answer */
  readonly #known = new Map<number, number>();

  constructor(name: string) {
    this.#format = formatOf(name);
  }

  offsetAt(at: number): number {
    const quarter = Math.floor(at / QUARTER);
    const known = this.#known.get(quarter);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_QUARTERS) this.#known.clear();
    const offset = this.#look(quarter * QUARTER);
    this.#known.set(quarter, offset);
    return offset;
  }

  #look(at: number): number {
    const parts = this.#format.formatToParts(at);
    const part = (name: string) => Number(parts.find(({ type }) => type === name)?.value);
    const date = [part('year'), part('month') - 1, part('day')] as const;
    return Date.UTC(...date, part('hour'), part('minute'), part('second')) - at;
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const [numeric, hourCycle] = ['numeric', 'h23'] as const;
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle,
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  });
}

/**
 * The moments at which a zone's clocks show a local time: two where they are set back over it, the earlier first.
 * A time that they leave out is taken as if they had not been set forward yet, as Date takes it.
 *
 * @param local the local time, as if it were UTC
 */
export function momentsOf(local: number, zone: Zone): readonly number[] {
  // No zone changes its clocks twice within two days.
  const before = zone.offsetAt(local - DAY);
  const after = zone.offsetAt(local + DAY);
  const moments = [local - before];
  if (after !== before) moments.push(local - after);
  const shown = moments.filter((at) => at + zone.offsetAt(at) === local);
  return shown.length === 0 ? moments.slice(0, 1) : shown.sort((a, b) => a - b);
}
