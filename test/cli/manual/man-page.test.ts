// The man page: all that the table of commands has, without a warning of man.

import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { manPage } from '../../../src/cli/manual/man-page.ts';
import { synopsis } from '../../../src/cli/manual/synopsis.ts';
import { COMMON_OPTIONS } from '../../../src/cli/reference/common-options.ts';
import { FILES } from '../../../src/cli/reference/program.ts';
import { COMMANDS } from '../../../src/cli/reference/table.ts';
import { type Component, describeReal } from '../../harness/real.ts';

const MAN: Component = {
  name: 'man',
  remedy: 'apt-get install man-db',
  isThere: () => spawnSync('man', ['--version']).status === 0,
};

const SECTIONS =
  'NAME, SYNOPSIS, DESCRIPTION, COMMANDS, OPTIONS, SIGNALS, FILES, EXIT STATUS, EXAMPLES, SEE ALSO';
const PAGE = manPage('1.2.3-rc.1', '2026-11-23');

/** What the page has of the table, as a reader sees it. */
const TEXTS: readonly string[] = [
  ...COMMANDS.flatMap((command) =>
    synopsis(command).map((form) => `postblock ${command.name} ${form}`.trimEnd()),
  ),
  ...COMMANDS.flatMap(({ description }) => description),
  ...[...COMMON_OPTIONS, ...COMMANDS.flatMap(({ options }) => options)].map((option) => {
    const form = option.argument === undefined ? '' : ` ${option.argument}`;
    return `--${option.name}${form} ${option.meaning}`;
  }),
  ...COMMANDS.flatMap(({ signals }) => signals ?? []).map(({ term, meaning }) => `${term} ${meaning}`),
  ...FILES.map(({ term, meaning }) => `${term} ${meaning}`),
  ...COMMANDS.flatMap(({ exits }) => exits.map(({ meaning }) => meaning)),
  ...COMMANDS.flatMap(({ examples }) => examples.map(({ term }) => term)),
];

/** The page without its macros, as plain as a reader without man would have to make it. */
function plain(page: string): string {
  return page
    .replace(/^\.(SH|SS|TP|PP|EX|EE|RS|br).*$/gm, '')
    .replace(/\\f[BIR]/g, '')
    .replace(
      /\\\((aq|dq|ga|ha|ti)/g,
      (_, name: string) => ({ aq: "'", dq: '"', ga: '`', ha: '^', ti: '~' })[name] ?? '',
    )
    .replace(/\\([- ])/g, '$1')
    .replace(/\s+/g, ' ');
}

describe('cli/manual/man-page', () => {
  it('has the sections that a reader of man pages looks for, in their order', () => {
    expect([...PAGE.matchAll(/^\.SH (.*)$/gm)].map(([, title]) => title).join(', ')).to.equal(SECTIONS);
  });

  it('has all that the table says', () => {
    const text = plain(PAGE);
    for (const part of TEXTS) expect(text).to.contain(part);
  });

  it('has a line for each exit status of each command', () => {
    const statuses = PAGE.slice(PAGE.indexOf('.SH EXIT'), PAGE.indexOf('.SH EXAMPLES')).match(
      /\d+(?=\\fR$)/gm,
    );
    const expected = COMMANDS.flatMap(({ exits }) => exits.map(({ status }) => status));
    expect(statuses?.map(Number)).to.deep.equal([...new Set(expected)].sort((a, b) => a - b));
  });

  it('is ASCII, and no line of text begins as a macro would', () => {
    expect(PAGE).to.match(/^[\n\x20-\x7e]*\n$/);
    const macros = ['TH', 'SH', 'SS', 'TP', 'PP', 'B', 'BR', 'br', 'RS', 'RE', 'EX', 'EE', 'ad', 'nh'];
    for (const [, macro] of PAGE.matchAll(/^[.'](\S*)/gm)) expect(macros).to.include(macro);
  });

  describeReal('in man', MAN, () => {
    const { status, stdout, stderr } = spawnSync('man', ['--warnings', '-l', '-'], {
      input: PAGE,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', MANWIDTH: '80', MAN_KEEP_FORMATTING: '' },
    });

    it('renders without a warning', () => {
      expect(stderr).to.equal('');
      expect(status).to.equal(0);
    });

    it('fits 80 columns, and says all that the table says, with dashes that can be copied', () => {
      for (const line of stdout.split('\n')) expect(line).to.match(/^.{0,80}$/);
      const text = stdout.replace(/\s+/g, ' ');
      for (const part of TEXTS) expect(text).to.contain(part);
    });

    it('says of which version it is', () => {
      expect(stdout).to.match(/^postblock 1\.2\.3-rc\.1 +2026-11-23 +POSTBLOCK\(1\)$/m);
    });
  });
});
