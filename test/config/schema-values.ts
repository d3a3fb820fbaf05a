// Any value that a JSON Schema accepts, for the part of JSON Schema that contrib/schema/policy.schema.json uses.

import fc from 'fast-check';

export interface JsonSchema {
  readonly $ref?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null';
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly items?: JsonSchema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly propertyNames?: { readonly pattern: string };
  readonly additionalProperties?: boolean | JsonSchema;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

const REF = '#/definitions/';
const MAX_ITEMS = 3;

/** @throws Error where the schema uses what this file does not know */
export function valuesOf(root: JsonSchema): fc.Arbitrary<unknown> {
  return valuesIn(root, root.definitions ?? {});
}

function valuesIn(
  schema: JsonSchema,
  definitions: Readonly<Record<string, JsonSchema>>,
): fc.Arbitrary<unknown> {
  const inner = (part: JsonSchema) => valuesIn(part, definitions);
  if (schema.examples !== undefined) return fc.constantFrom(...schema.examples);
  if (schema.$ref !== undefined) return inner(named(schema.$ref, definitions));
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(inner));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if ('const' in schema) return fc.constant(schema.const);
  switch (schema.type) {
    case 'object':
      return objectsIn(schema, inner);
    case 'array':
      return fc.array(inner(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: MAX_ITEMS });
    case 'string':
      return textsIn(schema);
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -10, max: schema.maximum ?? 10 });
    case 'number':
      return fc.double({ min: schema.minimum ?? -10, max: schema.maximum ?? 10, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      throw new Error(`no values are known for ${JSON.stringify(schema)}`);
  }
}

function named(ref: string, definitions: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const found = ref.startsWith(REF) ? definitions[ref.slice(REF.length)] : undefined;
  if (found === undefined) throw new Error(`${ref} is not defined`);
  return found;
}

function objectsIn(
  schema: JsonSchema,
  inner: (part: JsonSchema) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const { properties, required = [], propertyNames, additionalProperties } = schema;
  if (properties !== undefined) {
    const values = Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, inner(part)]));
    return fc.record(values, { requiredKeys: [...required] });
  }
  if (typeof additionalProperties !== 'object') throw new Error('no values are known for any object');
  const names = fc.stringMatching(new RegExp(propertyNames?.pattern ?? '^[a-z]{1,5}$'));
  return fc.dictionary(names, inner(additionalProperties), { minKeys: 1, maxKeys: MAX_ITEMS });
}

function textsIn({ pattern, maxLength }: JsonSchema): fc.Arbitrary<string> {
  const texts = fc.stringMatching(new RegExp(pattern ?? '^[a-z]{1,5}$'));
  return maxLength === undefined ? texts : texts.filter((text) => text.length <= maxLength);
}
