// The text that Prometheus reads, in both of its formats. The only file that knows prom-client.

import {
  Counter,
  Gauge,
  Histogram,
  type OpenMetricsContentType,
  type PrometheusContentType,
  Registry,
} from 'prom-client';
import { type Distribution, FAMILIES, type FamilyName, type Sample } from './families.ts';
import type { Samples } from './samples.ts';

export type Format = 'text' | 'openmetrics';

type Type = PrometheusContentType | OpenMetricsContentType;

export class Exposition {
  readonly #registry = new Registry<Type>();
  #samples: Samples | undefined;

  constructor(format: Format) {
    if (format === 'openmetrics') this.#registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    for (const name of Object.keys(FAMILIES) as FamilyName[]) this.#register(name);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** prom-client asks each metric for its values when the text is made: before that it holds none. */
  async text(samples: Samples): Promise<string> {
    this.#samples = samples;
    try {
      return await this.#registry.metrics();
    } finally {
      this.#samples = undefined;
    }
  }

  #register(name: FamilyName): void {
    const { type, help, labels } = FAMILIES[name];
    const base = { name, help, labelNames: [...labels], registers: [this.#registry] };
    const valuesOf = () => this.#valuesOf(name);
    if (type === 'histogram') new FilledHistogram(base, () => this.#samples?.[name as HistogramName]);
    else if (type === 'counter')
      new Counter({
        ...base,
        collect() {
          this.reset();
          for (const [value, ...own] of valuesOf()) this.inc(labelled(labels, own), value);
        },
      });
    else
      new Gauge({
        ...base,
        collect() {
          this.reset();
          // A gauge without labels would be 0 where its value is not known.
          if (labels.length === 0) this.remove();
          for (const [value, ...own] of valuesOf()) this.set(labelled(labels, own), value);
        },
      });
  }

  #valuesOf(name: FamilyName): readonly Sample[] {
    const samples = this.#samples?.[name] ?? [];
    return 'bounds' in samples ? [] : samples;
  }
}

type HistogramName = 'postblock_verdict_duration_seconds';

/** A histogram whose buckets were counted elsewhere. */
class FilledHistogram extends Histogram {
  readonly #base: { readonly name: string; readonly help: string };
  readonly #distribution: () => Distribution | undefined;

  constructor(
    base: { name: string; help: string; labelNames: string[]; registers: Registry<Type>[] },
    distribution: () => Distribution | undefined,
  ) {
    super(base);
    this.#base = base;
    this.#distribution = distribution;
  }

  /** What the registry calls for the text. */
  getForPromString() {
    return this.get();
  }

  override async get() {
    const { bounds, counts, sum } = this.#distribution() ?? { bounds: [], counts: [0], sum: 0 };
    const { name, help } = this.#base;
    let total = 0;
    const buckets = counts.map((count, i) => {
      total += count;
      return { metricName: `${name}_bucket`, labels: { le: bounds[i] ?? '+Inf' }, value: total };
    });
    const values = [
      ...buckets,
      { metricName: `${name}_sum`, labels: {}, value: sum },
      { metricName: `${name}_count`, labels: {}, value: total },
    ];
    return { name, help, type: 'histogram', values, aggregator: 'sum' } as unknown as Awaited<
      ReturnType<Histogram['get']>
    >;
  }
}

function labelled(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']));
}
