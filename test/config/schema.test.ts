// The JSON Schema of policy.yml for editors, held against the reader: both accept the same policies.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { NAMES } from '../../src/blocks/events/codes.ts';
import { parseConfig } from '../../src/config/config.ts';
import { mistakeText } from '../../src/config/yaml/mistake.ts';
import { type JsonSchema, valuesOf } from './schema-values.ts';
import { PATH } from './text.ts';

const ROOT = new URL('../../../', import.meta.url);
const SHIPPED = readFileSync(fileURLToPath(new URL('policy.yml', ROOT)), 'utf8');
const SCHEMA_PATH = 'contrib/schema/policy.schema.json';
const SCHEMA = JSON.parse(readFileSync(fileURLToPath(new URL(SCHEMA_PATH, ROOT)), 'utf8')) as JsonSchema;

const validate = new Ajv({ allErrors: true, strictTypes: false }).compile(SCHEMA);

/** What only the reader finds: values that belong together, and forms that are no matter of characters alone. */
const BEYOND_SCHEMA = [
  'is not a valid file mode',
  'is out of range; expected one such as 90s',
  'is shorter than block-for',
  'has a within that is not longer than most',
  'has nothing to be compared with',
  'is for authentication failures',
  'has both sentinel and cluster',
  'is not a known time zone',
  'is not an address with a port',
  'is neither a network nor a client name',
  'has an invalid prefix length, or bits set after the prefix',
  'is not a prefix of a translator',
  'has bits set in octet 8',
  'is not a server',
  'has credentials for sentinels',
  'holds a user or a password',
  'is not a URL of a webhook',
  'does not begin with an absolute path',
  'which is not known',
  'is not a rule',
  'a path of its own',
  'has a user without a password',
  'has a sentinel-user without a password',
  'has a ca-file without TLS',
  'has servers of several kinds',
  'has a socket or a database',
  'is not a mail address',
  'is not a domain',
];

/** The mistakes of a policy that the schema should find too. */
function plainMistakes(policy: unknown): string[] {
  const { mistakes = [] } = parseConfig(stringify(policy), PATH);
  const texts = mistakes.map((mistake) => mistakeText('policy.yml', mistake));
  return texts.filter((text) => !BEYOND_SCHEMA.some((reason) => text.includes(reason)));
}

function isAccepted(policy: unknown): boolean {
  return parseConfig(stringify(policy), PATH).config !== undefined;
}

function finds(policy: unknown): string {
  return validate(policy) ? '' : JSON.stringify(validate.errors);
}

type Place = readonly (string | number)[];

/** Where the values of a policy stand, the whole first. */
function placesIn(value: unknown, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...at, key]))];
}

function replaced(value: unknown, [key, ...rest]: Place, by: unknown): unknown {
  if (key === undefined) return by;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

describe('config/schema: the JSON Schema of policy.yml', () => {
  it('accepts the shipped policy, which names it for editors', () => {
    expect(finds(parse(SHIPPED))).to.equal('');
    expect(SHIPPED.split('\n')).to.include(`# yaml-language-server: $schema=${SCHEMA_PATH}`);
  });

  it('accepts each option that the shipped policy shows as a comment', () => {
    const shown = [...SHIPPED.matchAll(/^# ([a-z][a-z0-9-]*): (\S.*)$/gm)].filter(
      ([, name = '']) => name in (SCHEMA.properties ?? {}),
    );
    expect(shown).not.to.have.lengthOf(0);
    for (const [line] of shown) {
      const policy = { ...parse(SHIPPED), ...parse(line.slice(2)) };
      expect(finds(policy), line).to.equal('');
    }
  });

  it('names the events that rules can count', () => {
    expect(SCHEMA.definitions?.countName?.enum).to.deep.equal(NAMES);
  });

  it('accepts nothing that the reader refuses for its form', () => {
    let accepted = 0;
    fc.assert(
      fc.property(valuesOf(SCHEMA), (policy) => {
        expect(finds(policy)).to.equal('');
        expect(plainMistakes(policy), stringify(policy)).to.deep.equal([]);
        if (isAccepted(policy)) accepted++;
      }),
      { numRuns: 500 },
    );
    expect(accepted).to.be.at.least(20);
  });

  it('refuses nothing that the reader accepts, and the reverse, where one value of a policy is another', () => {
    const odd = fc.oneof(
      fc.constantFrom(
        null,
        true,
        false,
        '',
        'off',
        'on',
        0,
        -1,
        1.5,
        64,
        1e9,
        '10%',
        '101%',
        '1h',
        '1 h',
        '/x',
        'a b',
      ),
      fc.constantFrom([], {}, [null], ['auth-failure'], { x: 1 }, { within: '1h' }),
      fc.string({ maxLength: 12 }),
    );
    const changed = fc.tuple(valuesOf(SCHEMA), fc.nat(), odd).map(([policy, n, value]) => {
      const places = placesIn(policy);
      return replaced(policy, places[n % places.length] ?? [], value);
    });
    fc.assert(
      fc.property(changed, (policy) => {
        const found = finds(policy);
        const mistakes = plainMistakes(policy);
        if (isAccepted(policy)) expect(found, stringify(policy)).to.equal('');
        if (found === '') expect(mistakes, stringify(policy)).to.deep.equal([]);
      }),
      { numRuns: 1500 },
    );
  });

  it('refuses an option that is not known, at each level', () => {
    for (const place of placesIn(parse(SHIPPED))) {
      const policy = parse(SHIPPED);
      const inner = place.reduce((at, key) => at[key], policy);
      if (typeof inner !== 'object' || inner === null || Array.isArray(inner) || place.at(-1) === 'rules')
        continue;
      inner.unknown = 1;
      expect(finds(policy), place.join('.')).not.to.equal('');
    }
  });
});
