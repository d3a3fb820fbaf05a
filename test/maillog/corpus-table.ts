// Prints how far the log reader agrees with labelled log lines; exit code 1 where an unambiguous one disagrees.
// Run as `node dist/test/maillog/corpus-table.js [DIRECTORY]`.

import { CLASSES, CORPUS, type Comparison, compare, hasCorpus, readCorpus } from './corpus.ts';

const WIDTHS = [22, 7, 10, 11, 10] as const;

function row(cells: readonly (string | number)[]): string {
  return cells
    .map((cell, i) => (i === 0 ? `${cell}`.padEnd(WIDTHS[0]) : `${cell}`.padStart(WIDTHS[i] ?? 0)))
    .join('');
}

function counts(label: string, compared: readonly Comparison[]): string {
  const certain = compared.filter(({ isAmbiguous }) => !isAmbiguous);
  const ambiguous = compared.filter(({ isAmbiguous }) => isAmbiguous);
  const agreeing = (lines: readonly Comparison[]) => lines.filter(({ agrees }) => agrees).length;
  return row([label, certain.length, agreeing(certain), ambiguous.length, agreeing(ambiguous)]);
}

function printTable(directory: string): boolean {
  const compared = readCorpus(directory).map(compare);
  console.log(row(['class', 'lines', 'agreeing', 'ambiguous', 'agreeing']));
  for (const label of CLASSES)
    console.log(
      counts(
        label,
        compared.filter((line) => line.class === label),
      ),
    );
  console.log(counts('all', compared));
  for (const { place, isAmbiguous, expected, got } of compared.filter(({ agrees }) => !agrees)) {
    const what = isAmbiguous ? 'ambiguous' : 'WRONG';
    console.log(`${what}: ${place}: labelled ${expected || 'nothing'}, read as ${got || 'nothing'}`);
  }
  return compared.every(({ agrees, isAmbiguous }) => agrees || isAmbiguous);
}

const directory = process.argv[2] ?? CORPUS;
if (!hasCorpus(directory)) {
  console.error(`${directory}: no labelled log lines there`);
  process.exitCode = 2;
} else if (!printTable(directory)) process.exitCode = 1;
