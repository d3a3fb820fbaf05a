// Positions for the labels of points, so that no label covers another. Labels of points that coincide are joined.

import type { Plot } from './svg.ts';

export interface Labelled {
  readonly x: number;
  readonly y: number;
  readonly label: string;
  readonly isCurrent: boolean;
}

/** A text that begins at x on the line y. */
export interface Label {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly isStrong: boolean;
}

/** A part of the drawing that no label may cover. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const LETTER = 7.5;
const LINE = 14;
/** Points nearer to each other than this look like one. */
export const SAME = 5;
const GAP = 9;

/**
 * A label without a free position is left out: other texts of the page have it.
 * @param others what else the drawing shows
 */
export function placed(points: readonly Labelled[], plot: Plot, others: readonly Box[] = []): Label[] {
  const groups = joined(points);
  const marks = groups.map(({ x, y }) => ({ left: x - 4, right: x + 4, top: y - 4, bottom: y + 4 }));
  const taken: Box[] = [...marks, ...others];
  const byWeight = groups.toSorted((a, b) => Number(b.isCurrent) - Number(a.isCurrent));
  return byWeight.flatMap(({ x, y, label, isCurrent }) => {
    const box = boxesOf(x, y, label.length * LETTER).find(
      (candidate) => isInside(candidate, plot) && taken.every((other) => !isOver(candidate, other)),
    );
    if (box === undefined) return [];
    taken.push(box);
    return [{ x: box.left, y: box.bottom - 3, text: label, isStrong: isCurrent }];
  });
}

function joined(points: readonly Labelled[]): Labelled[] {
  const groups: Labelled[] = [];
  for (const point of points) {
    const same = groups.findIndex(({ x, y }) => Math.hypot(x - point.x, y - point.y) < SAME);
    const group = groups[same];
    if (group === undefined) groups.push(point);
    else
      groups[same] = {
        ...group,
        label: `${group.label}, ${point.label}`,
        isCurrent: group.isCurrent || point.isCurrent,
      };
  }
  return groups;
}

/** Below to the right first: the curve of a sweep rises to the right, so this side is free. */
function boxesOf(x: number, y: number, width: number): Box[] {
  const box = (left: number, top: number): Box => ({ left, top, right: left + width, bottom: top + LINE });
  return [
    box(x + GAP, y),
    box(x + GAP, y - LINE / 2),
    box(x - width / 2, y + GAP - 2),
    box(x - width / 2, y - LINE - GAP + 2),
    box(x - width - GAP, y - LINE),
    box(x - width - GAP, y - LINE / 2),
    box(x + GAP, y - LINE - 4),
    box(x - width, y + GAP - 2),
  ];
}

function isInside({ left, right, top, bottom }: Box, plot: Plot): boolean {
  return left >= plot.left && right <= plot.right + 20 && top >= plot.top - LINE && bottom <= plot.bottom;
}

function isOver(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
