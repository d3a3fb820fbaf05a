// The smtpd(8) services of master.cf, from the output of postconf -M and postconf -P.

/** A service that runs smtpd. */
export interface SmtpdService {
  /** as in master.cf: `smtp`, `submission`, `127.0.0.1:10025` */
  readonly name: string;
  /** `inet`, `pass` (behind postscreen), `unix` */
  readonly type: string;
  readonly isChrooted: boolean;
  /** the parameters that its `-o` options set, not expanded */
  readonly overrides: ReadonlyMap<string, string>;
}

/** Services that are read; a master.cf with more is not written by hand. */
const MAX_SERVICES = 100;

/**
 * @param services the output of postconf -M: one service a line
 * @param overrides the output of postconf -P: `SERVICE/TYPE/PARAMETER = VALUE`
 * @param chrootDefault the meaning of `-` in the column chroot: yes before compatibility_level 1 (master_ent.c)
 */
export function smtpdServices(
  services: string,
  overrides: string,
  chrootDefault: boolean,
): readonly SmtpdService[] {
  const rows = services.split('\n').map((line) => line.trim().split(/\s+/, 8));
  const smtpd = rows.filter(([, , , , , , , command = '']) => command.split('/').at(-1) === 'smtpd');
  return smtpd.slice(0, MAX_SERVICES).map(([name = '', type = '', , , chroot]) => ({
    name,
    type,
    isChrooted: chroot === 'y' || (chroot === '-' && chrootDefault),
    overrides: valuesIn(overrides, `${name}/${type}/`),
  }));
}

/** The lines `NAME = VALUE` of postconf(1) by name. @param prefix of the names; other lines are left out */
export function valuesIn(text: string, prefix = ''): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const equals = line.indexOf(' =');
    if (equals > 0 && line.startsWith(prefix))
      values.set(line.slice(prefix.length, equals), line.slice(equals + 2).trim());
  }
  return values;
}
