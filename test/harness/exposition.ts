// A parser of Prometheus' text formats, as strict as their descriptions: it throws where a line is none of theirs.

export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Parsed {
  readonly help: ReadonlyMap<string, string>;
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly ParsedSample[];
}

const COMMENT = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.*)$/;
const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (NaN|[+-]?Inf|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:\\[\\n"]|[^\\"\n])*)"(?:,|$)/y;

export function parseExposition(text: string): Parsed {
  const help = new Map<string, string>();
  const types = new Map<string, string>();
  const samples: ParsedSample[] = [];
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  for (const line of text.split('\n').slice(0, -1)) {
    if (line === '' || line === '# EOF') continue;
    const [, kind, family = '', rest = ''] = COMMENT.exec(line) ?? [];
    if (kind !== undefined) {
      const known = kind === 'HELP' ? help : types;
      if (known.has(family)) throw new Error(`second ${kind} of ${family}`);
      known.set(family, rest);
      continue;
    }
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
    if (name === undefined) throw new Error(`no line of the format: ${line}`);
    samples.push({ name, labels: labelsIn(labels), value: Number(value?.replace('Inf', 'Infinity')) });
  }
  return { help, types, samples };
}

function labelsIn(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name = '', value = ''] = LABEL.exec(text) ?? [];
    if (name === '') throw new Error(`no labels: ${text}`);
    if (name in labels) throw new Error(`second label ${name}`);
    labels[name] = value.replace(/\\([\\n"])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}

/** The value of a sample with these labels, whatever others it has; undefined where there is none. */
export function sampleValue(
  { samples }: Parsed,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const wanted = Object.entries(labels);
  return samples.find((one) => one.name === name && wanted.every(([key, value]) => one.labels[key] === value))
    ?.value;
}
