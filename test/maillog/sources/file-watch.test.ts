// A watch on a log file sees every change that a reader must see, and passes over what others write beside it.

import {
  appendFileSync,
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { watchFile } from '../../../src/maillog/sources/file-watch.ts';
import type { Watch } from '../../../src/maillog/sources/source.ts';
import { temporaryFolder } from '../../harness/folder.ts';

const folder = temporaryFolder();
/** More than a watch passes over. */
const MANY = 300;

/** A log that is a link in one directory to a file in another. */
class Log {
  readonly base = mkdtempSync(join(folder, 'watch-'));
  readonly real = join(this.base, 'real');
  readonly file = join(this.real, 'current');
  readonly linked = join(this.base, 'linked');
  readonly path = join(this.linked, 'mail.log');
  /** another name of the file, in another directory */
  readonly kept = join(this.base, 'kept');

  constructor() {
    mkdirSync(this.real);
    mkdirSync(this.linked);
    writeFileSync(this.file, 'one\n');
    symlinkSync(this.file, this.path);
  }
}

/** A watch on a log, open or not, and the number of changes it has seen. */
class Watched {
  changes = 0;
  readonly #path: string;
  readonly #descriptor: number | undefined;
  #watch: Watch | undefined;

  constructor(path: string, isOpen: boolean) {
    this.#path = path;
    this.#descriptor = isOpen ? openSync(path, 'r') : undefined;
  }

  async begin(): Promise<void> {
    this.#watch = await watchFile(this.#path, this.#descriptor, () => this.changes++);
    expect(this.#watch, 'the temporary folder can be watched').not.to.equal(undefined);
  }

  async seen(): Promise<void> {
    while (this.changes === 0) await setImmediate();
  }

  end(): void {
    this.#watch?.close();
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }
}

/** Enough turns of the event loop for every event that is due. */
async function turns(): Promise<void> {
  for (let i = 0; i < 100; i++) await setImmediate();
}

type Step = (log: Log) => void;

const linked: Step = ({ file, kept }) => linkSync(file, kept);
const FORMS: readonly (readonly [what: string, change: Step, before?: Step])[] = [
  ['a line is appended', ({ file }) => appendFileSync(file, 'two\n')],
  ['the file is truncated', ({ file }) => truncateSync(file)],
  ['the file is renamed', ({ file }) => renameSync(file, `${file}.1`)],
  ['the file is moved to another directory', ({ file, kept }) => renameSync(file, kept)],
  ['the file is removed', ({ file }) => rmSync(file)],
  ['another file is created beside it', ({ file }) => writeFileSync(`${file}-20261123`, '')],
  [
    'the link is switched',
    ({ path }) => renameSync(`${path}.new`, path),
    ({ path, base }) => symlinkSync(base, `${path}.new`),
  ],
  ['the directory of the link is replaced', (log) => renameSync(log.linked, `${log.linked}.old`)],
  ['the directory of the file is replaced', (log) => renameSync(log.real, `${log.real}.old`)],
  ['the file is written to under another name', ({ kept }) => appendFileSync(kept, 'two\n'), linked],
];
const NOT_OPEN: typeof FORMS = [
  ['is created', ({ path }) => writeFileSync(path, ''), ({ path }) => rmSync(path)],
  ['becomes readable', ({ file }) => chmodSync(file, 0o640), ({ file }) => chmodSync(file, 0)],
];

describe('maillog/sources/file-watch', () => {
  let log: Log;
  let watched: Watched;

  beforeEach(() => {
    log = new Log();
  });
  afterEach(() => watched.end());

  for (const [what, change, before] of FORMS) {
    it(`sees that ${what}`, async () => {
      before?.(log);
      watched = new Watched(log.path, true);
      await watched.begin();
      change(log);
      await watched.seen();
    });
  }

  for (const [what, change, before] of NOT_OPEN) {
    it(`sees that a log that is not open ${what}`, async () => {
      before?.(log);
      watched = new Watched(log.path, false);
      await watched.begin();
      change(log);
      await watched.seen();
    });
  }

  it('sees that a removed file is written to by whoever has it open', async () => {
    watched = new Watched(log.path, true);
    const writer = openSync(log.file, 'a');
    rmSync(log.file);
    await watched.begin();
    appendFileSync(writer, 'two\n');
    await watched.seen();
    closeSync(writer);
  });

  it('passes over what is written to other files, and ends where that is much', async () => {
    const other = join(log.real, 'syslog');
    writeFileSync(other, '');
    watched = new Watched(log.path, true);
    await watched.begin();
    for (let i = 0; i < 10; i++) appendFileSync(other, 'line\n');
    await turns();
    expect(watched.changes).to.equal(0);
    for (let i = 0; i < MANY; i++) {
      appendFileSync(other, 'line\n');
      await setImmediate();
    }
    await watched.seen();
  });

  it('sees nothing once it is closed', async () => {
    watched = new Watched(log.path, true);
    await watched.begin();
    watched.end();
    appendFileSync(log.file, 'two\n');
    await turns();
    expect(watched.changes).to.equal(0);
    watched = new Watched(log.path, true);
  });

  it('does not watch a missing directory, nor a file system that is not local', async () => {
    watched = new Watched(log.path, true);
    for (const path of [join(log.base, 'none', 'mail.log'), '/proc/self/status'])
      expect(await watchFile(path, undefined, () => undefined), path).to.equal(undefined);
  });
});
