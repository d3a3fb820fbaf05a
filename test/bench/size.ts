// The sizes of the benchmark. At the default scale of 0.1: a million clients, a tenth of the largest backlog and attack.

export interface Size {
  /** tracked clients where there are many: a million at the default scale */
  readonly tracked: number;
  /** bytes of the backlog; 5 GB at scale 1 */
  readonly backlog: number;
  /** addresses of the attack against max-tracked; 10 million at scale 1 */
  readonly attackers: number;
  /** lines of the log that is read repeatedly */
  readonly lines: number;
  /** seconds of a measurement, after the warm-up */
  readonly seconds: number;
  readonly rounds: number;
  /** folder for CPU profiles of the daemon and of log reading */
  readonly profile: string | undefined;
}

export function sizeOf(scale: number, profile: string | undefined): Size {
  // Below the default scale everything is smaller, for a quick check; above it only the slow parts grow.
  const small = Math.min(1, scale * 10);
  return {
    tracked: Math.round(1_000_000 * small),
    backlog: Math.round(5e9 * scale),
    attackers: Math.round(1e7 * scale),
    lines: Math.round(1_000_000 * small),
    seconds: Math.max(0.5, 2 * small),
    rounds: small < 1 ? 2 : 7,
    profile,
  };
}
