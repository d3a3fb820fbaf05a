// The rooms of src: imports run one way, from the top of this list down, and never in a circle.

import { dirname, join, normalize } from 'node:path';
import { expect } from 'chai';
import { sources } from './harness/patterns.ts';
import { page, section } from './harness/readme.ts';

/** The rooms, the highest first: a file imports from its own room and from those below. */
const ROOMS = [
  'cli',
  'daemon',
  'daemon/companions',
  'daemon/desk',
  'daemon/sharing',
  'daemon/front',
  'daemon/state',
  'daemon/systemd',
  'daemon/log',
  'explain',
  'replay',
  'replay/page',
  'replay/text',
  'replay/trial',
  'replay/report',
  'replay/input',
  'cli/text',
  'check',
  'desk',
  'desk/find',
  'cli/manual',
  'cli/reference',
  'exports',
  'notices',
  'health/metrics',
  'health',
  'sharing/server',
  'sharing/lua',
  'sharing',
  'config',
  'config/fields',
  'config/yaml',
  'wiring',
  'policy',
  'maillog/sources',
  'maillog',
  'maillog/postfix',
  'maillog/syslog',
  'state',
  'state/snapshot',
  'blocks',
  'blocks/sparing',
  'blocks/good',
  'blocks/record',
  'blocks/table',
  'blocks/events',
  'html',
  'terminal',
  'net',
  'values',
];
/** Stand in no room: cli.ts is above all, exit.ts below all. */
const TOP = 'cli.ts';
const BOTTOM = 'exit.ts';
/** More than this are no room that a stranger looks through. */
const MOST_FILES = 20;

const IMPORT = /(?:from|import\() ?'(\.[^']+)'/g;
const files = new Map(sources());

function importsOf(file: string): readonly string[] {
  const found = [...(files.get(file) ?? '').matchAll(IMPORT)];
  return found.map(([, path = '']) => normalize(join(dirname(file), path)));
}

function floorOf(file: string): number {
  if (file === TOP) return -1;
  return file === BOTTOM ? ROOMS.length : ROOMS.indexOf(dirname(file));
}

/** Files that import each other, as a path that comes back to its beginning; undefined where there are none. */
function circle(): readonly string[] | undefined {
  const done = new Set<string>();
  const walk = (path: readonly string[]): readonly string[] | undefined => {
    const file = path.at(-1) ?? '';
    if (path.indexOf(file) < path.length - 1) return path.slice(path.indexOf(file));
    if (done.has(file)) return undefined;
    for (const next of importsOf(file)) {
      const found = walk([...path, next]);
      if (found !== undefined) return found;
    }
    done.add(file);
    return undefined;
  };
  for (const file of files.keys()) {
    const found = walk([file]);
    if (found !== undefined) return found;
  }
  return undefined;
}

describe('layout', () => {
  it('is that of the architecture page', () => {
    const table = section('Rooms', page('contrib/docs/architecture.md'));
    const rooms = [...table.matchAll(/^\| `([a-z/]+)\/`/gm)].map(([, room]) => room);
    expect(rooms).to.deep.equal(ROOMS);
  });

  it('has each file in a room', () => {
    const homeless = [...files.keys()].filter(
      (file) => file !== TOP && file !== BOTTOM && !ROOMS.includes(dirname(file)),
    );
    expect(homeless).to.deep.equal([]);
  });

  it('has no import that goes up', () => {
    const upward = [...files.keys()].flatMap((file) =>
      importsOf(file)
        .filter((imported) => floorOf(imported) < floorOf(file))
        .map((imported) => `${file} imports ${imported}`),
    );
    expect(upward).to.deep.equal([]);
  });

  it('has no circle of imports', () => {
    expect(circle()).to.equal(undefined);
  });

  it(`has no room of more than ${MOST_FILES} files`, () => {
    const full = ROOMS.filter(
      (room) => [...files.keys()].filter((file) => dirname(file) === room).length > MOST_FILES,
    );
    expect(full).to.deep.equal([]);
  });
});
