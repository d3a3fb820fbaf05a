// Time zones: the one of this process, and the time and the name of a zone at a moment.

/** Where no locale names a zone, Intl gives its offset: that of one of these is taken whose name is a word. */
const LOCALES = ['en-GB', 'en-US', 'en-AU', 'en-NZ', 'en-IN', 'en-ZA'] as const;
const OFFSET = /^GMT[+-]/;

/** The time zone of this process, which TZ names; undefined for UTC, and where it is not known. */
export function localZone(): string | undefined {
  try {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    return zoneName(0, timeZone) === 'UTC' ? undefined : timeZone;
  } catch {
    return undefined;
  }
}

/** `2026-11-24 20:09:21` @param ms since 1970; @param zone IANA name */
export function localSeconds(ms: number, zone: string): string {
  const parts = Object.fromEntries(
    formatOf('en-GB', zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, value]),
  );
  const { year, month, day, hour, minute, second } = parts;
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`;
}

/** `CET`, or `+5:45` where the zone has no name. @param ms since 1970; @param zone IANA name */
export function zoneName(ms: number, zone: string): string {
  let name = '';
  for (const locale of LOCALES) {
    name = zonePart(ms, locale, zone);
    if (!OFFSET.test(name)) return name;
  }
  return name.slice('GMT'.length);
}

function zonePart(ms: number, locale: string, zone: string): string {
  return (
    formatOf(locale, zone)
      .formatToParts(ms)
      .find(({ type }) => type === 'timeZoneName')?.value ?? ''
  );
}

/** To make one takes longer than to use it a hundred times. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(locale: string, timeZone: string): Intl.DateTimeFormat {
  const name = `${locale} ${timeZone}`;
  const known = formats.get(name);
  if (known !== undefined) return known;
  const two = '2-digit';
  const made = new Intl.DateTimeFormat(locale, {
    ...{ timeZone, timeZoneName: 'short', hourCycle: 'h23' },
    ...{ year: 'numeric', month: two, day: two, hour: two, minute: two, second: two },
  });
  formats.set(name, made);
  return made;
}
