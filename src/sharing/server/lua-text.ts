// Values as Lua source.

/** Bytes of letters, digits, and what stands between them in names. */
const PLAIN = new Set(Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-'));

export type LuaValue =
  | string
  | number
  | boolean
  | readonly LuaValue[]
  | { readonly [name: string]: LuaValue };

/** @throws RangeError for a number that is not finite */
export function luaOf(value: LuaValue): string {
  if (typeof value === 'string') return textOf(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError(`${value} is not a number of Lua`);
    return String(value);
  }
  if (isList(value)) return `{${value.map(luaOf).join(',')}}`;
  return `{${Object.entries(value).map(([name, one]) => `[${textOf(name)}]=${luaOf(one)}`)}}`;
}

function isList(value: LuaValue): value is readonly LuaValue[] {
  return Array.isArray(value);
}

/** Byte by byte, so that no text can end the string. */
function textOf(text: string): string {
  const bytes = [...Buffer.from(text)].map((byte) =>
    PLAIN.has(byte) ? String.fromCharCode(byte) : escaped(byte),
  );
  return `'${bytes.join('')}'`;
}

function escaped(byte: number): string {
  return `\\${String(byte).padStart(3, '0')}`;
}
