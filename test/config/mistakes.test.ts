// Mistakes in policy.yml: each told at its place, with its option, and all of a file at once.

import { expect } from 'chai';
import { mistakesOf, placesOf, RULES } from './text.ts';

const RULE = ['counts: auth-failure', 'limit: 3', 'within: 1h', 'block-for: 1h', 'message: No.'];

/** A policy with one rule `r` from line 2 on, its options one a line from line 3 column 5 on; `text` is the first. */
function ruleWith(text: string): string {
  const [name = ''] = text.split(':', 1);
  const others = RULE.filter((option) => !option.startsWith(`${name}:`));
  return `rules:\n  r:\n${[text, ...others].map((option) => `    ${option}\n`).join('')}`;
}

describe('config/mistakes: a mistake in policy.yml', () => {
  it('is told with line, column, option, what is wrong and what was expected', () => {
    expect(mistakesOf(`state: s\nipv6-prefix: 129\n${RULES}`)).to.deep.equal([
      '2:14: ipv6-prefix: "129" is out of range; expected a whole number from 1 to 128',
    ]);
    expect(mistakesOf(`${RULES}spool: x\n`)).to.deep.equal([
      '2:1: spool: is not a known option; expected one of listen, maillog, zone, state, control-group, snapshot-every, ipv6-prefix, nat64, allow, max-tracked, breaker, share-state, metrics, log, rules, on-block, export, reporter',
    ]);
  });

  // Each text stands in line 1, RULES behind it.
  const options: readonly [text: string, place: string, why: string][] = [
    ['listen: 127.0.0.1:10040', '1:9: listen', 'no list'],
    ['listen: []', '1:9: listen', 'an empty list'],
    ['listen: [127.0.0.1:10040]', '1:10: listen[0]', 'neither inet nor unix'],
    ['listen: [{}]', '1:10: listen[0].inet', 'neither inet nor unix'],
    ['listen: [{inet: 10040}]', '1:17: listen[0].inet', 'a port alone'],
    ['listen: [{inet: 127.0.0.1}]', '1:17: listen[0].inet', 'no port'],
    ['listen: [{inet: 127.0.0.1:65536}]', '1:17: listen[0].inet', 'a port over 65535'],
    ['listen: [{inet: 999.0.0.1:25}]', '1:17: listen[0].inet', 'no IPv4 address'],
    ['listen: [{inet: "[::g]:25"}]', '1:17: listen[0].inet', 'no IPv6 address'],
    ['listen: [{inet: "[1:2]:25"}]', '1:17: listen[0].inet', 'half an IPv6 address'],
    ['listen: [{inet: "::1:25"}]', '1:17: listen[0].inet', 'IPv6 without brackets'],
    ['listen: [{inet: mail.example.com:25}]', '1:17: listen[0].inet', 'a name'],
    ['listen: [{inet: 127.0.0.1:25, mode: "0660"}]', '1:31: listen[0].mode', 'a mode for TCP'],
    ['listen: [{unix: /p, inet: 127.0.0.1:25}]', '1:10: listen[0]', 'both in one'],
    ['listen: [{unix: ""}]', '1:17: listen[0].unix', 'no path'],
    ['listen: [{unix: /p, mode: 0888}]', '1:27: listen[0].mode', 'no octal digits'],
    ['listen: [{unix: /p, mode: rw}]', '1:27: listen[0].mode', 'letters for a mode'],
    ['listen: [{unix: /p, group: 3}]', '1:28: listen[0].group', 'a number for a group'],
    ['maillog: mail.log', '1:10: maillog', 'a word'],
    ['maillog: {}', '1:10: maillog', 'no log'],
    ['maillog: {file: /a, journal: {}}', '1:10: maillog', 'two kinds of log'],
    ['maillog: {file: 3}', '1:17: maillog.file', 'a number for a path'],
    ['maillog: {files: /a}', '1:18: maillog.files', 'no list'],
    ['maillog: {files: []}', '1:18: maillog.files', 'an empty list'],
    ['maillog: {path: /a, file: /b}', '1:11: maillog.path', 'an unknown option'],
    ['maillog: {journal: yes}', '1:20: maillog.journal', 'no mapping'],
    ['maillog: {journal: {units: x}}', '1:21: maillog.journal.units', 'an unknown option'],
    ['maillog: {journal: {container: 3}}', '1:32: maillog.journal.container', 'a number for a container'],
    ['maillog: {journal: {unit: 3}}', '1:27: maillog.journal.unit', 'a number for a unit'],
    ['zone: Berlin', '1:7: zone', 'no name of the tz database'],
    ['zone: Europe/Atlantis', '1:7: zone', 'a city that it does not have'],
    ['zone: +01:00', '1:7: zone', 'an offset'],
    ['zone: 1', '1:7: zone', 'a number'],
    ['zone: [UTC]', '1:7: zone', 'a list'],
    ['zone: ""', '1:7: zone', 'nothing'],
    ['state: 3', '1:8: state', 'a number'],
    ['state: [a]', '1:8: state', 'a list'],
    ['state:', '1:7: state', 'nothing'],
    ['state: "a\\0b"', '1:8: state', 'a NUL'],
    ['snapshot-every: 60', '1:17: snapshot-every', 'no unit'],
    ['snapshot-every: 0s', '1:17: snapshot-every', 'too short'],
    ['snapshot-every: 2d', '1:17: snapshot-every', 'too long'],
    ['snapshot-every: [1s]', '1:17: snapshot-every', 'a list'],
    ['ipv6-prefix: 0', '1:14: ipv6-prefix', 'too small'],
    ['ipv6-prefix: 64.5', '1:14: ipv6-prefix', 'a fraction'],
    ['ipv6-prefix: "64"', '1:14: ipv6-prefix', 'a text'],
    ['ipv6-prefix: /64', '1:14: ipv6-prefix', 'a slash'],
    ['nat64: 2001:db8::/96', '1:8: nat64', 'no list'],
    ['nat64: [192.0.2.0/24]', '1:9: nat64[0]', 'an IPv4 network'],
    ['nat64: [2001:db8::/95]', '1:9: nat64[0]', 'a length that no translator has'],
    ['nat64: ["2001:db8::1/96"]', '1:9: nat64[0]', 'bits behind the prefix'],
    ['nat64: [2001:db8:0:0:100::/96]', '1:9: nat64[0]', 'bits in octet 8'],
    ['ipv6-prefix: .inf', '1:14: ipv6-prefix', 'no end'],
    ['max-tracked: 999', '1:14: max-tracked', 'too few'],
    ['allow: 192.0.2.1', '1:8: allow', 'no list'],
    ['allow: {a: b}', '1:8: allow', 'a mapping'],
    ['allow: [192.0.2.1/24]', '1:9: allow[0]', 'bits behind the prefix'],
    ['allow: [192.0.2.0/33]', '1:9: allow[0]', 'too long a prefix'],
    ['allow: [192.0.2.1, 192.0.2.300]', '1:20: allow[1]', 'no address'],
    ['allow: [2001:db8::1/64]', '1:9: allow[0]', 'bits behind the prefix'],
    ['allow: ["*.example.com"]', '1:9: allow[0]', 'a star'],
    ['allow: [10]', '1:9: allow[0]', 'a number'],
    ['allow: [[::1]]', '1:9: allow[0]', 'a list in the list'],
    ['allow: [unknown]', '1:9: allow[0]', 'unknown is no name: Postfix verified nothing'],
    ['breaker: on', '1:10: breaker', 'neither off nor a mapping'],
    ['breaker: {share: 1%, within: 10m}', '1:10: breaker.clients', 'no number of clients'],
    ['breaker: {clients: 0, share: 1%, within: 10m}', '1:20: breaker.clients', 'too few clients'],
    ['breaker: {clients: 5, share: 0.01, within: 10m}', '1:30: breaker.share', 'a share without a sign'],
    ['breaker: {clients: 5, share: 1%, within: 2d}', '1:42: breaker.within', 'too long'],
    ['breaker: {clients: 5, share: 1%, within: 10m, for: 1h}', '1:47: breaker.for', 'an unknown option'],
    ['log: info', '1:6: log', 'no mapping'],
    ['log: {level: loud}', '1:14: log.level', 'no such level'],
    ['log: {format: xml}', '1:15: log.format', 'no such format'],
    ['log: {file: }', '1:13: log.file', 'nothing'],
    ['log: {colour: red}', '1:7: log.colour', 'an unknown option'],
    ['State: x', '1:1: State', 'a capital'],
    ['1: x', '1:1: 1', 'a number for an option'],
  ];
  for (const [text, place, why] of options) {
    it(`is found in ${text}: ${why}`, () => expect(placesOf(`${text}\n${RULES}`)).to.deep.equal([place]));
  }

  const rules: readonly [text: string, place: string, why: string][] = [
    ['counts: logins', '3:13: rules.r.counts', 'no such kind'],
    ['counts: []', '3:13: rules.r.counts', 'nothing counted'],
    ['counts: [auth-failure, x]', '3:28: rules.r.counts[1]', 'no such kind in a list'],
    ['counts: [x]', '3:14: rules.r.counts[0]', 'no kind at all in a list'],
    ['limit: 0', '3:12: rules.r.limit', 'too small'],
    ['limit: 10001', '3:12: rules.r.limit', 'too large'],
    ['limit: many', '3:12: rules.r.limit', 'a word'],
    ['limit: 2.5', '3:12: rules.r.limit', 'a fraction'],
    ['within: 60', '3:13: rules.r.within', 'no unit'],
    ['within: 8d', '3:13: rules.r.within', 'too long'],
    ['within: 1 h', '3:13: rules.r.within', 'a blank'],
    ['block-for: 0s', '3:16: rules.r.block-for', 'too short'],
    ['block-for: 367d', '3:16: rules.r.block-for', 'too long'],
    ['block-for: forever', '3:16: rules.r.block-for', 'no duration'],
    ['message: ""', '3:14: rules.r.message', 'empty'],
    ['message: 554', '3:14: rules.r.message', 'a number'],
    ['message: "a\\nb"', '3:14: rules.r.message', 'two lines'],
    ['message: "a\\rb"', '3:14: rules.r.message', 'a carriage return'],
    ['message: " a"', '3:14: rules.r.message', 'a blank in front'],
    ['message: "Für Sie"', '3:14: rules.r.message', 'not ASCII'],
    [`message: ${'x'.repeat(321)}`, '3:14: rules.r.message', 'too long for a reply'],
    ['message: 4.7.1 Later', '3:14: rules.r.message', 'a status code of its own'],
    ['message: "{name} is blocked"', '3:14: rules.r.message', 'no such place to fill in'],
    ['message: "until {until"', '3:14: rules.r.message', 'a brace that is not closed'],
    ['enforce: "no"', '3:14: rules.r.enforce', 'a text'],
    ['enforce: 0', '3:14: rules.r.enforce', 'a number'],
    ['share: 0.1', '3:12: rules.r.share', 'no percent sign'],
    ['share: 10 %', '3:12: rules.r.share', 'a blank'],
    ['share: -1%', '3:12: rules.r.share', 'less than nothing'],
    ['share: 100.1%', '3:12: rules.r.share', 'more than all'],
    ['share: 1e1%', '3:12: rules.r.share', 'an exponent'],
    ['share: [10%]', '3:12: rules.r.share', 'a list'],
    ['share: ', '3:12: rules.r.share', 'nothing'],
    ['forgive: yes', '3:14: rules.r.forgive', 'no such thing to forgive'],
    ['passes: clients', '3:13: rules.r.passes', 'nobody of that name'],
    ['repeat: 2', '3:13: rules.r.repeat', 'a number'],
    ['repeat: {factor: 2, most: 2h}', '3:13: rules.r.repeat.within', 'no time'],
    ['repeat: {within: 1d, factor: 0.5, most: 2h}', '3:34: rules.r.repeat.factor', 'shorter each time'],
    ['repeat: {within: 1d, factor: 101, most: 2h}', '3:34: rules.r.repeat.factor', 'too much'],
    ['repeat: {within: 1d, factor: x, most: 2h}', '3:34: rules.r.repeat.factor', 'a word'],
    ['repeat: {within: 1d, factor: 2, most: 59m}', '3:43: rules.r.repeat.most', 'shorter than block-for'],
    ['repeat: {within: 400d, factor: 2, most: 2h}', '3:22: rules.r.repeat.within', 'too long'],
    ['blockfor: 1h', '3:5: rules.r.blockfor', 'an unknown option'],
  ];
  for (const [text, place, why] of rules) {
    it(`is found in a rule with ${text.slice(0, 40)}: ${why}`, () =>
      expect(placesOf(ruleWith(text))).to.deep.equal([place]));
  }

  const wholes: readonly [text: string, places: string[], why: string][] = [
    ['', ['1:1: '], 'an empty file'],
    ['# nothing\n', ['1:1: '], 'a comment'],
    ['- a\n', ['1:1: '], 'a list'],
    ['auto\n', ['1:1: '], 'a word'],
    ['state: s\n', ['1:1: rules'], 'no rules'],
    ['rules: []\n', ['1:8: rules'], 'rules in a list'],
    ['rules: {}\n', ['1:8: rules'], 'no rule'],
    ['rules:\n', ['1:7: rules'], 'no rule'],
    [
      'rules:\n  r: {}\n',
      ['counts', 'limit', 'within', 'block-for', 'message'].map((key) => `2:6: rules.r.${key}`),
      'a rule without options',
    ],
    ['rules:\n  r: block\n', ['2:6: rules.r'], 'a word for a rule'],
    ['a: b: c\n', ['1:4: '], 'what is no YAML'],
    ['rules: {\n', ['1:8: '], 'a brace that is not closed'],
    ['a:\n\tb: c\n', ['2:1: '], 'a tab'],
    ['\nstate: *x\n', ['2:1: rules', '2:8: state'], 'an alias for nothing'],
  ];
  for (const [text, places, why] of wholes) {
    it(`is found in a file that is ${JSON.stringify(text)}: ${why}`, () =>
      expect(placesOf(text).slice(0, places.length)).to.deep.equal(places));
  }

  it('is found in the name of a rule, at the name', () => {
    const rule = `{${RULE.join(', ')}}`;
    for (const name of ['"a b"', '-a', '"a/b"', 'x'.repeat(65), '""']) {
      const key = name.replaceAll('"', '');
      expect(placesOf(`rules:\n  ${name}: ${rule}\n`), name).to.deep.equal([`2:3: rules.${key}`]);
    }
  });

  it('is found where an option in braces has no value', () => {
    expect(placesOf(`{state, ${RULES.trim()}}`)).to.deep.equal(['1:2: state']);
    expect(placesOf(`maillog: {journal: {unit}}\n${RULES}`)).to.deep.equal(['1:21: maillog.journal.unit']);
    expect(placesOf(RULES.replace('message: No.', 'message'))).to.deep.equal(['1:72: rules.r.message']);
  });

  it('is found where two rules have one name', () => {
    const rule = `{${RULE.join(', ')}}`;
    expect(placesOf(`rules:\n  1: ${rule}\n  "1": ${rule}\n`)).to.deep.equal(['3:3: rules.1']);
  });
});

describe('config/mistakes: all mistakes of a file', () => {
  it('are told at once, in the order of the file', () => {
    const text = [
      'spool: x',
      'snapshot-every: 60',
      'allow: [192.0.2.300, ok.example, 10.0.0.1/8]',
      'log:',
      '  level: loud',
      '  colour: red',
      'rules:',
      '  a:',
      '    counts: logins',
      '    limit: 0',
      '    within: 1h',
      '    message: 5.7.1 No.',
      '  b: {counts: auth-failure, limit: 3, within: x, block-for: 1h, message: No., enforced: true}',
    ];
    expect(placesOf(`${text.join('\n')}\n`)).to.deep.equal([
      '1:1: spool',
      '2:17: snapshot-every',
      '3:9: allow[0]',
      '3:34: allow[2]',
      '5:10: log.level',
      '6:3: log.colour',
      '9:5: rules.a.block-for',
      '9:13: rules.a.counts',
      '10:12: rules.a.limit',
      '12:14: rules.a.message',
      '13:47: rules.b.within',
      '13:79: rules.b.enforced',
    ]);
  });

  it('name every option that there is where one is not known, those that are missing too', () => {
    const [, unknown] = mistakesOf(
      'rules:\n  r: {count: auth-failure, limit: 3, within: 1h, block-for: 1h, message: No.}\n',
    );
    expect(unknown).to.match(
      /^2:7: rules\.r\.count: is not a known option \(did you mean counts\?\); expected one of counts, limit, within, block-for, message, /,
    );
  });

  it('are told with an empty list of rules among them', () => {
    expect(placesOf('ipv6-prefix: 0\nrules: {}\n')).to.deep.equal(['1:14: ipv6-prefix', '2:8: rules']);
  });

  it('are told with an option that stands there twice among them, each with its name', () => {
    expect(placesOf(`state: a\nipv6-prefix: 0\nstate: b\n${RULES}`)).to.deep.equal([
      '2:14: ipv6-prefix',
      '3:1: state',
    ]);
  });

  it('are told once each', () => {
    expect(placesOf(`maillog: {files: [3]}\n${RULES}`)).to.deep.equal(['1:19: maillog.files[0]']);
    expect(placesOf(`listen: [{inet: x}]\n${RULES}`)).to.deep.equal(['1:17: listen[0].inet']);
  });
});
