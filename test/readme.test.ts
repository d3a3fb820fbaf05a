// README.md, CONTRIBUTING.md and contrib/docs say what is so: tests, files, commands, log events, exit codes they name.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { COMMON_OPTIONS } from '../src/cli/reference/common-options.ts';
import { COMMANDS, commandNamed } from '../src/cli/reference/table.ts';
import { LOG_EVENTS } from '../src/daemon/log/log-events.ts';
import { EXIT } from '../src/exit.ts';
import { TROUBLES } from '../src/health/status.ts';
import { PAGES, page, README, ROOT, section } from './harness/readme.ts';

const WIDTH = 120;
const MAX_README_LINES = 200;
const GUARANTEES = page('contrib/docs/guarantees.md');
const OPERATIONS = page('contrib/docs/operations.md');

/** What stands in code: within backticks, or indented as a block. */
function code(text: string): string[] {
  const blocks = text.split('\n').filter((line) => /^ {4}/.test(line));
  return [...blocks, ...[...text.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span)];
}

function found(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, part = '']) => part);
}

function unique(names: Iterable<string>): string[] {
  return [...new Set(names)].sort();
}

/** Titles of suites and tests in the source of a test, `…` for each value in them. */
function titlesOf(file: string): string[] {
  const source = readFileSync(join(ROOT, file), 'utf8');
  const calls = source.matchAll(/\b(?:describe|describeReal|it)\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g);
  return [...calls].map(([, , title = '']) => title.replace(/\$\{[^}]*\}/g, '…').replace(/\\(.)/g, '$1'));
}

const CODE = PAGES.flatMap(({ text }) => code(text));

/** What a page names of the repository, in four forms. */
function pathsIn(path: string, text: string) {
  return {
    links: found(text, /\]\((?!https?:)([^)#]+)[^)]*\)/g).map((link) => join(dirname(path), link)),
    paths: found(text, /(?<![\w/.-])((?:src|test|contrib)\/[\w./-]*\w|\.\/policy\.yml)/g),
    folders: code(text).flatMap((span) => found(span, /^((?:[a-z]+\/)+)$/g)),
    files: code(text).flatMap((span) => found(span, /^([\w/-]+\.ts)$/g)),
  };
}

describe('readme: guarantees', () => {
  const guarantees = GUARANTEES.split(/\n(?=- )|\n\n/)
    .filter((part) => part.startsWith('- '))
    .map((part) => part.replace(/\s+/g, ' '));

  it('are found, one and all', () => expect(guarantees).to.have.lengthOf.above(30));

  for (const guarantee of guarantees) {
    const [, words] = /^- (.*?) `/.exec(guarantee) ?? [];
    it(`is shown by tests that there are: ${words}`, () => {
      const named = [...guarantee.matchAll(/`(test\/[^`]+)`(?:: ("[^"]+"(?:, "[^"]+")*))?/g)];
      expect(named).not.to.be.empty;
      for (const [, file = '', quoted = ''] of named) {
        const titles = found(quoted, /"([^"]+)"/g);
        expect(titles, file).not.to.be.empty;
        expect(titlesOf(file), file).to.include.members(titles);
      }
      // Nothing in quotes is left over for want of its file.
      expect(found(guarantee, /"([^"]+)"/g)).to.have.lengthOf(
        named.flatMap(([, , quoted = '']) => found(quoted, /"([^"]+)"/g)).length,
      );
    });
  }
});

describe('readme: what it names', () => {
  it('are found in each form', () => {
    const all = PAGES.map(({ path, text }) => pathsIn(path, text));
    for (const form of ['links', 'paths', 'folders', 'files'] as const) {
      expect(
        all.flatMap((named) => named[form]),
        form,
      ).not.to.be.empty;
    }
  });

  for (const { path, text } of PAGES) {
    it(`are files and folders of the repository: ${path}`, () => {
      const { links, paths, folders, files } = pathsIn(path, text);
      const places = (name: string) => ['', 'src', dirname(path)].map((folder) => join(ROOT, folder, name));
      const missing = unique([...links, ...paths, ...folders, ...files]).filter(
        (name) => !places(name).some((place) => existsSync(place)),
      );
      expect(missing).to.deep.equal([]);
    });

    it(`are headings of the pages that it links to: ${path}`, () => {
      for (const [, link = '', anchor = ''] of text.matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)) {
        const target = link === '' ? text : page(join(dirname(path), link));
        const headings = found(target, /^#+ (.*)$/gm).map((heading) =>
          heading
            .toLowerCase()
            .replace(/[^\w -]/g, '')
            .replaceAll(' ', '-'),
        );
        expect(headings, `${link}#${anchor}`).to.include(anchor);
      }
    });
  }

  it('are all files of contrib, and all pages are linked', () => {
    const links = PAGES.flatMap(({ path, text }) => pathsIn(path, text).links);
    const all = PAGES.map(({ text }) => text).join('\n');
    const files = readdirSync(join(ROOT, 'contrib')).filter((name) => !all.includes(`contrib/${name}`));
    const pages = PAGES.filter(({ path }) => path !== 'README.md' && !links.includes(path));
    const schemas = readdirSync(join(ROOT, 'contrib/schema')).filter(
      (name) => !all.includes(`schema/${name})`),
    );
    expect([...files, ...schemas, ...pages.map(({ path }) => path)]).to.deep.equal([]);
  });

  it('are the commands that there are', () => {
    const named = CODE.flatMap((text) => found(text, /(?<![\w/=-])postblock ([a-z]+)/g));
    expect(unique(named)).to.deep.equal(unique(COMMANDS.map(({ name }) => name)));
  });

  it('are options that its commands have', () => {
    for (const text of CODE) {
      const [, name = '', rest = ''] = /(?<![\w/=-])postblock ([a-z]+)([^|>#]*)/.exec(text) ?? [];
      const options = [...COMMON_OPTIONS, ...(commandNamed(name)?.options ?? [])].map(
        (option) => option.name,
      );
      expect(options, text).to.include.members(found(rest, /--([a-z]+)/g));
    }
  });

  it('are the scripts of package.json, and all that somebody would run', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = CODE.flatMap((text) => [
      ...found(text, /npm run ([a-z:]+)/g),
      ...found(text, /npm (start|test)\b/g),
    ]);
    const others = Object.keys(scripts).filter((name) => /^(?:pre|post)|^(?:build|lint)$/.test(name));
    expect(unique([...named, ...others])).to.deep.equal(Object.keys(scripts).sort());
  });
});

describe('readme: the events of the log', () => {
  it('are those of src/daemon/log/log-events.ts, each once', () => {
    const table = section("The daemon's log", OPERATIONS)
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) => line.split('|')[2] ?? '');
    const told = table.flatMap((cell) => found(cell, /`([a-z-]+)`/g));
    expect(told.toSorted()).to.deep.equal(Object.keys(LOG_EVENTS).sort());
  });

  for (const [name, { meaning }] of Object.entries(LOG_EVENTS))
    it(`have a meaning of one sentence: ${name}`, () => expect(meaning).to.match(/^[A-Za-z].*[a-z]\.$/));
});

describe('readme: troubles', () => {
  it('are those of src/health/status.ts, each with its section in operations.md', () => {
    const titles = OPERATIONS.split('\n').flatMap((line) => found(line, /^### ([a-z]+-[a-z-]+)$/g));
    expect(titles.toSorted()).to.deep.equal([...TROUBLES].sort());
  });
});

describe('readme: exit codes', () => {
  const rows = section('Signals and exit codes', OPERATIONS)
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([, first = '']) => /^\d+$/.test(first));

  it('are those of src/exit.ts', () => {
    expect(rows.map(([, first]) => Number(first))).to.deep.equal(
      Object.values(EXIT).toSorted((a, b) => a - b),
    );
  });

  it('are told of each command that ends with them', () => {
    const serving = COMMANDS.filter(({ name }) => name === 'serve');
    const others = COMMANDS.filter(({ name }) => name !== 'serve');
    for (const [column, commands] of [
      [2, serving],
      [3, others],
    ] as const) {
      const told = rows.filter((cells) => cells[column] !== '').map(([, first]) => Number(first));
      const ends = commands.flatMap(({ exits }) => exits.map(({ status }) => status));
      expect(unique(told.map(String))).to.deep.equal(unique([...ends, EXIT.software].map(String)));
    }
  });
});

describe('readme: its form', () => {
  const isRow = (line: string | undefined) => /^ *\|/.test(line ?? '');
  const bars = (line: string) => [...line.matchAll(/\|/g)].map(({ index }) => index).join();

  it(`has ${MAX_README_LINES} lines at most`, () => {
    expect(README.trimEnd().split('\n')).to.have.lengthOf.at.most(MAX_README_LINES);
  });

  for (const { path, text } of PAGES) {
    const lines = text.split('\n');

    it(`has no line of more than ${WIDTH} columns outside its tables: ${path}`, () => {
      expect(lines.filter((line) => !isRow(line) && line.length > WIDTH)).to.deep.equal([]);
    });

    it(`has tables whose columns stand under each other: ${path}`, () => {
      const ragged = lines.filter((line, i) => {
        const before = lines[i - 1] ?? '';
        return isRow(line) && isRow(before) && bars(line) !== bars(before);
      });
      expect(ragged).to.deep.equal([]);
    });
  }
});
