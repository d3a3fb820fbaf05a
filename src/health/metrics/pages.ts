// The pages that the metrics server has: the metrics, in two formats, built at most once a second; and the health.

import type { Trouble } from '../status.ts';
import { Exposition, type Format } from './exposition.ts';
import type { Samples } from './samples.ts';

/** ms for which a text is used again: whoever asks more often gets the same. */
const FRESH = 1000;

/** What the pages show. */
export interface PageSource {
  /** ms since 1970 */
  clock(): number;
  samples(): Promise<Samples>;
  troubles(): readonly Trouble[];
}

export interface Page {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

interface Built {
  /** ms since 1970 */
  readonly at: number;
  readonly text: Promise<string>;
}

const PLAIN = 'text/plain; charset=utf-8';

export class Pages {
  readonly #source: PageSource;
  readonly #expositions: Readonly<Record<Format, Exposition>> = {
    text: new Exposition('text'),
    openmetrics: new Exposition('openmetrics'),
  };
  readonly #built = new Map<Format, Built>();

  constructor(source: PageSource) {
    this.#source = source;
  }

  async metrics(format: Format): Promise<Page> {
    return { status: 200, type: this.#expositions[format].contentType, text: await this.#text(format) };
  }

  get health(): Page {
    const troubles = this.#source.troubles();
    if (troubles.length === 0) return { status: 200, type: PLAIN, text: 'ok\n' };
    const lines = troubles.map(({ what, since, reason }) => `${what} since ${since}: ${reason}\n`);
    return { status: 503, type: PLAIN, text: lines.join('') };
  }

  #text(format: Format): Promise<string> {
    const now = this.#source.clock();
    const known = this.#built.get(format);
    // The clock may have been set back.
    if (known !== undefined && now >= known.at && now - known.at < FRESH) return known.text;
    const text = this.#source.samples().then((samples) => this.#expositions[format].text(samples));
    this.#built.set(format, { at: now, text });
    text.catch(() => this.#built.delete(format));
    return text;
  }
}

export function plainPage(status: number, text: string): Page {
  return { status, type: PLAIN, text: `${text}\n` };
}
