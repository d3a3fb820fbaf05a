// Numbers for people: grouped by thousands, with a noun, in per cent, in bytes.

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;
const STEP = 1000;

/** `1,234,567` */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 mail`, `1,200 mails` */
export function counted(number: number, noun: string): string {
  return `${grouped(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** 0 % means none and 100 % means all: other shares are never rounded to them. Empty where the whole is 0. */
export function percentText(part: number, whole: number): string {
  if (whole === 0) return '';
  const share = (100 * part) / whole;
  if (share > 0 && share < 0.1) return '<0.1 %';
  if (share < 100 && share > 99.9) return '>99.9 %';
  return share === 0 || share === 100 ? `${share} %` : `${share.toFixed(1)} %`;
}

/** `2 %`, `9.9 %`, `<0.1 %`: rounded down, so that a part below the share never looks like it. @param part 0 to 1 */
export function flooredPercent(part: number): string {
  const tenths = Math.floor(part * 1000 + 1e-6);
  return part > 0 && tenths === 0 ? '<0.1 %' : `${tenths / 10} %`;
}

/** `1.4 GB` */
export function bytesText(bytes: number): string {
  let rest = bytes;
  let unit = 0;
  for (; rest >= STEP && unit < UNITS.length - 1; unit++) rest /= STEP;
  return unit === 0 ? counted(bytes, 'byte') : `${rest.toFixed(1)} ${UNITS[unit]}`;
}
