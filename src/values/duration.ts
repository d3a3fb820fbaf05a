// Durations as an administrator writes them: 90s, 10m, 1h30m, 2d.

const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const FORM = /^(?:\d{1,9}[smhdw])+$/;
const PART = /(\d+)([smhdw])/g;

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A duration such as `1h30m` in ms; undefined if the text is not one or more numbers, each with s, m, h, d or w. */
export function parseDuration(text: string): number | undefined {
  if (text.length > 40 || !FORM.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit] of text.matchAll(PART)) total += Number(count) * (UNITS[unit ?? ''] ?? 0);
  return total;
}

/** A duration in ms as text, in its two largest units: `1d 4h`, `12m 5s`, `0s`. */
export function durationText(ms: number): string {
  let rest = Math.max(0, Math.floor(ms / 1000));
  const parts: string[] = [];
  for (const [unit, seconds] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(`${count}${unit}`);
    if (parts.length === 2) break;
  }
  return parts.join(' ') || '0s';
}
