// The scales and ticks of the charts.

import { DAY, HOUR, MINUTE } from '../../values/duration.ts';

export type Scale = (value: number) => number;
export type Range = readonly [from: number, to: number];

const MAX_TICKS = 6;
const TIME_STEPS = [
  ...[1, 2, 5, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 3, 7, 14, 28, 56, 91, 182, 364].map((days) => days * DAY),
];

export function linear(domain: Range, range: Range): Scale {
  const factor = (range[1] - range[0]) / (domain[1] - domain[0] || 1);
  return (value) => range[0] + (value - domain[0]) * factor;
}

/** @param domain above zero */
export function logarithmic(domain: Range, range: Range): Scale {
  const scale = linear([Math.log(domain[0]), Math.log(domain[1])], range);
  return (value) => scale(Math.log(value));
}

/** Round values from `from` to the first at or above `to`, about `count` of them; whole numbers only. */
export function roundTicks(from: number, to: number, count: number): number[] {
  const rough = Math.max((to - from) / count, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.floor(from / step);
  const last = Math.max(Math.ceil(to / step), first + 1);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** 1, 10, 100 … up to `to`. */
export function decades(to: number): number[] {
  return Array.from({ length: Math.floor(Math.log10(Math.max(to, 1)) + 1e-9) + 1 }, (_, i) => 10 ** i);
}

/** Powers of ten show the scale of a logarithmic axis only where there are this many of them. */
const ENOUGH = 3;

/** The ticks of a logarithmic axis from 1 up to `to`, at least 2: powers of ten, and 2, 5, 20, 50 between few of them. */
export function logarithmicTicks(to: number): { at: number; text: string }[] {
  const powers = decades(to);
  const values =
    powers.length >= ENOUGH
      ? powers
      : powers.flatMap((power) => [power, 2 * power, 5 * power]).filter((value) => value <= to);
  return values.map((at) => ({ at, text: shortNumber(at) }));
}

/** Full minutes, hours or days in UTC with their texts, a few of them between two moments in ms. */
export function timeTicks(from: number, to: number): { at: number; text: string }[] {
  const step =
    TIME_STEPS.find((each) => (to - from) / each <= MAX_TICKS) ??
    Math.ceil((to - from) / MAX_TICKS / DAY) * DAY;
  const first = Math.ceil(from / step) * step;
  const count = Math.max(0, Math.floor((to - first) / step) + 1);
  return Array.from({ length: count }, (_, i) => {
    const at = first + i * step;
    const iso = new Date(at).toISOString();
    return { at, text: at % DAY === 0 ? iso.slice(5, 10) : iso.slice(11, 16) };
  });
}

/** A number for an axis: `12k`, `1.5M`. */
export function shortNumber(value: number): string {
  for (const [size, unit] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (value >= size) return `${Math.round((value / size) * 10) / 10}${unit}`;
  }
  return String(value);
}
