// How much is measured: at the usual scale of 0.1 a million clients, and a tenth of the largest backlog and attack.

export interface Size {
  /** clients tracked where there are to be many: a million of them at the usual scale */
  readonly tracked: number;
  /** bytes of log to catch up with; 5 GB at scale 1 */
  readonly backlog: number;
  /** addresses of the attack against max-tracked; 10 million at scale 1 */
  readonly attackers: number;
  /** lines of log that are read again and again */
  readonly lines: number;
  /** seconds of a measurement, after the warm-up */
  readonly seconds: number;
  readonly rounds: number;
  /** folder for CPU profiles of the daemon and of the log river */
  readonly profile: string | undefined;
}

export function sizeOf(scale: number, profile: string | undefined): Size {
  // Below the usual scale everything shrinks, to see quickly that it runs; above it only what would take long.
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
