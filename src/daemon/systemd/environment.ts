// What systemd passes to the daemon in its environment: sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3).

/** The first file descriptor that systemd passes: SD_LISTEN_FDS_START of sd_listen_fds(3). */
const FIRST = 3;

/** Far more than any unit passes. More are none, as for sd_listen_fds(3), which returns EINVAL then. */
const MAX_DESCRIPTORS = 4096;

const NAMES = [
  'NOTIFY_SOCKET',
  'WATCHDOG_USEC',
  'WATCHDOG_PID',
  'LISTEN_FDS',
  'LISTEN_PID',
  'LISTEN_FDNAMES',
  'LISTEN_PIDFDID',
  'FDSTORE',
] as const;

type Variables = Readonly<Partial<Record<(typeof NAMES)[number], string>>>;

/** A file descriptor that systemd passes. */
export interface PassedDescriptor {
  readonly fd: number;
  /** FileDescriptorName= of the socket unit, or FDNAME= of the daemon that stored it; empty where it has none */
  readonly name: string;
}

export interface SystemdEnvironment {
  /** where systemd expects notifications; undefined where it expects none */
  readonly notifySocket: string | undefined;
  /** ms without a sign of life after which systemd ends the daemon; undefined where it does not watch */
  readonly watchdog: number | undefined;
  readonly descriptors: readonly PassedDescriptor[];
  /** file descriptors that systemd keeps over a restart; 0 before systemd 254, and without FileDescriptorStoreMax= */
  readonly stored: number;
}

/** Reads the variables and removes them, so that no child inherits them. @param pid of this process */
export function takeEnvironment(environment: NodeJS.ProcessEnv, pid: number): SystemdEnvironment {
  const found = Object.fromEntries(NAMES.map((name) => [name, environment[name]])) as Variables;
  for (const name of NAMES) delete environment[name];
  return {
    notifySocket: found.NOTIFY_SOCKET || undefined,
    watchdog: watchdogOf(found, pid),
    descriptors: descriptorsOf(found, pid),
    stored: numberOf(found.FDSTORE) ?? 0,
  };
}

/** A watchdog of another process is not ours; without WATCHDOG_PID it is. */
function watchdogOf({ WATCHDOG_USEC, WATCHDOG_PID }: Variables, pid: number): number | undefined {
  if (WATCHDOG_PID !== undefined && numberOf(WATCHDOG_PID) !== pid) return undefined;
  const microseconds = numberOf(WATCHDOG_USEC) ?? 0;
  return microseconds > 0 ? microseconds / 1000 : undefined;
}

function descriptorsOf(
  { LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES }: Variables,
  pid: number,
): readonly PassedDescriptor[] {
  if (numberOf(LISTEN_PID) !== pid) return [];
  const length = numberOf(LISTEN_FDS) ?? 0;
  if (length > MAX_DESCRIPTORS) return [];
  const names = LISTEN_FDNAMES?.split(':') ?? [];
  return Array.from({ length }, (_, index) => ({
    fd: FIRST + index,
    name: names[index] ?? '',
  }));
}

/** Undefined for what is not a whole number. */
function numberOf(text: string | undefined): number | undefined {
  const value = Number(text);
  return text === undefined || text === '' || !Number.isSafeInteger(value) || value < 0 ? undefined : value;
}
