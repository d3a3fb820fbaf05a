// Paths that the daemon writes to: what policy.yml may not give to two of them.

import { expect } from 'chai';
import fc from 'fast-check';
import { configOf, mistakesOf, RULES } from './text.ts';

const OWN = 'expected a path of its own';

describe('config/own-paths: a path that the daemon writes to', () => {
  const WRONG: readonly (readonly [string, string])[] = [
    [
      'export: [{format: plain, file: state/audit.jsonl}]',
      '1:32: export[0].file: /etc/postblock/state/audit.jsonl',
    ],
    ['export: [{format: plain, file: state/snapshot.json}]', '1:32: export[0].file'],
    ['export: [{format: plain, file: state/snapshot.json.new}]', '1:32: export[0].file'],
    ['export: [{format: plain, file: state/snapshot-before.json}]', '1:32: export[0].file'],
    ['export: [{format: plain, file: ./x/../state/audit.jsonl}]', '1:32: export[0].file'],
    ['export: [{format: plain, file: /etc/postblock/policy.yml}]', '1:32: export[0].file'],
    ['export: [{format: plain, file: /x}, {format: nft, file: //x}]', '1:57: export[1].file'],
    ['export: [{format: plain, file: /x.new}, {format: nft, file: /x}]', '1:61: export[1].file'],
    ['export: [{format: plain, file: /x}, {format: nft, file: /x.new}]', '1:57: export[1].file'],
    ['export: [{format: plain, file: /m}]\nmaillog: /m', '1:32: export[0].file: /m belongs to maillog'],
    ['export: [{format: plain, file: /m}]\nmaillog: {files: [/a, /m]}', '1:32: export[0].file'],
    ['export: [{format: plain, file: /s}]\nstate: /s', '1:32: export[0].file: /s belongs to state'],
    [
      'export: [{format: plain, file: /k}]\non-block: [{webhook: "http://h/", secret-file: /k}]',
      '1:32: export[0].file: /k belongs to on-block[0].secret-file',
    ],
    [
      'export: [{format: plain, file: /p}]\nshare-state: {url: "redis://h", password-file: /p}',
      '1:32: export[0].file: /p belongs to share-state.password-file',
    ],
    [
      'log: {file: state/audit.jsonl}',
      '1:13: log.file: /etc/postblock/state/audit.jsonl belongs to the state directory',
    ],
    ['log: {file: policy.yml}', '1:13: log.file: /etc/postblock/policy.yml belongs to this policy'],
    ['metrics: {unix: state/control.sock}', '1:17: metrics.unix'],
    ['listen: [{unix: /p}]\nmetrics: {unix: /p}', '2:17: metrics.unix: /p belongs to listen[0].unix'],
    ['listen: [{unix: /p}, {unix: /p}]', '1:29: listen[1].unix: /p belongs to listen[0].unix'],
  ];
  for (const [text, mistake] of WRONG)
    it(`is a mistake where it belongs to something else: ${text.replace('\n', ', ')}`, () => {
      const found = mistakesOf(`${text}\n${RULES}`);
      expect(found).to.have.length(1);
      expect(found[0])
        .to.match(new RegExp(`${OWN}$`))
        .and.satisfy((one: string) => one.startsWith(mistake));
    });

  it('may lie in the state directory', () => {
    const text =
      'state: /s\nlog: {file: /s/log}\nexport: [{format: nft, file: /s/blocked.nft}]\nmetrics: {unix: /s/m}\n';
    expect(configOf(text + RULES).exports).to.have.length(1);
  });

  it('may be the mail log for the log of the daemon, as in policies of the first release', () => {
    expect(configOf(`log: {file: /m}\nmaillog: {files: [/a, /m]}\n${RULES}`).log.file).to.equal('/m');
  });

  it('is found beside other mistakes', () => {
    expect(mistakesOf(`state: 3\nlog: {file: policy.yml}\n${RULES}`)).to.have.length(2);
  });

  it('is never that of two exports, however they are written', () => {
    const folder = fc.array(fc.constantFrom('a', 'b', '.', '..'), { maxLength: 3 });
    const name = fc.constantFrom('a', 'b', 'a.new');
    const absolute = fc.tuple(folder, name).map(([parts, last]) => ['/r/r/r', ...parts, last].join('/'));
    fc.assert(
      fc.property(absolute, absolute, (one, two) => {
        const text = `export: [{format: nft, file: "${one}"}, {format: plain, file: "${two}"}]\n${RULES}`;
        const [a, b] = [one, two].map((file) => new URL(`file://${file}`).pathname);
        const isShared = a === b || a === `${b}.new` || b === `${a}.new`;
        expect(mistakesOf(text)).to.have.length(isShared ? 1 : 0);
      }),
    );
  });
});
