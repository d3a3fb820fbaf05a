// The option listen: of policy.yml.

import type { ListenSpec } from '../../net/listen.ts';
import { parseIPv4, parseIPv6 } from '../../values/address.ts';
import type { Fields, OptionNode } from './fields.ts';

const INET = /^(?:\[([^\]]+)\]|([^[\]:]+)):(\d{1,5})$/;
const EXPECTED = 'a list of - inet: ADDRESS:PORT and - unix: PATH';

export function readListeners(
  place: OptionNode,
  fields: Fields,
  path: (place: OptionNode) => string | undefined,
): readonly ListenSpec[] | undefined {
  return fields.filledList(place, EXPECTED, (at) => readListener(at, fields, path));
}

/** One listener: `inet: ADDRESS:PORT`, or `unix: PATH` with mode and group. */
export function readListener(
  place: OptionNode,
  fields: Fields,
  path: (place: OptionNode) => string | undefined,
  examples = { unix: '/run/postblock/policy.sock', inet: '127.0.0.1:10040' },
): ListenSpec | undefined {
  const options = fields.map(place, 'inet: ADDRESS:PORT, or unix: PATH with mode and group');
  if (options === undefined) return undefined;
  if (options.has('unix') && options.has('inet'))
    return fields.wrong(place, 'has both inet and unix; expected one of them');
  if (options.has('unix')) {
    const socket = options.required('unix', path, examples.unix);
    const mode = options.optional('mode', (at) => readMode(at, fields), 0o660);
    const group = options.optional('group', (at) => fields.text(at, 'the name of a group'), undefined);
    options.finish();
    return socket === undefined || mode === undefined
      ? undefined
      : { type: 'unix', path: socket, mode, group };
  }
  const inet = options.required('inet', (at) => readInet(at, fields, examples.inet), examples.inet);
  options.finish();
  return inet;
}

function readInet(place: OptionNode, fields: Fields, example: string): ListenSpec | undefined {
  const expected = `${example} or "[::1]:${example.slice(example.lastIndexOf(':') + 1)}"`;
  const text = fields.text(place, expected);
  if (text === undefined) return undefined;
  const [, ipv6 = '', ipv4 = '', port] = INET.exec(text) ?? [];
  const isAddress = parseIPv6(ipv6) !== undefined || parseIPv4(ipv4) >= 0 || ipv4 === 'localhost';
  if (!isAddress || Number(port) > 65_535) {
    return fields.wrong(place, `${JSON.stringify(text)} is not an address with a port; expected ${expected}`);
  }
  return { type: 'inet', host: ipv6 || ipv4, port: Number(port) };
}

/** Permissions of a file, in octal digits. */
export function readMode(place: OptionNode, fields: Fields): number | undefined {
  const text = fields.source(place);
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8);
  return fields.wrong(
    place,
    `${JSON.stringify(text)} is not a valid file mode; expected octal digits such as "0660"`,
  );
}
