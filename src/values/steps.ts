// Work on many items in steps, so that other work is done in between.

/**
 * @param size items of a step
 * @param pause resolves when other work has been done, as setImmediate of node:timers/promises does
 */
export async function inSteps<T>(
  items: Iterable<T>,
  size: number,
  act: (item: T) => void,
  pause: () => Promise<unknown>,
): Promise<void> {
  let left = size;
  for (const item of items) {
    act(item);
    if (--left > 0) continue;
    await pause();
    left = size;
  }
}
