// The line of text about the daemon that `systemctl status` shows.

interface Counts {
  /** records of clients */
  readonly size: number;
  /** those that are blocked or watched */
  readonly pinned: number;
}

/** The first trouble, the number of the others, or what the daemon does if there is none. */
export function stateText(
  rules: number,
  { size, pinned }: Counts,
  [first, ...others]: readonly { readonly what: string; readonly reason: string }[],
): string {
  if (first === undefined) return `${rules} rules, ${size} clients tracked, ${pinned} blocked`;
  const more = others.map(({ what }) => what).join(', ');
  return `trouble: ${first.what}${more && `, ${more}`}: ${first.reason}`;
}
