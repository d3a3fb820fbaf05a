// metrics: in policy.yml: the forms of an address, and each mistake.

import { expect } from 'chai';
import { parseConfig } from '../../../src/config/config.ts';

const RULES =
  'rules: {r: {counts: auth-failure, limit: 3, within: 1h, block-for: 1h, message: Too many logins.}}\n';
const LOOPBACK =
  'is not a loopback address; expected inet: 127.0.0.1:9154, or unix: /run/postblock/metrics.sock';

function metricsIn(value: string) {
  const { config, mistakes = [] } = parseConfig(`metrics: ${value}\n${RULES}`, '/etc/postblock/policy.yml');
  const texts = mistakes.map(({ line, column, key, message }) => `${line}:${column}: ${key}: ${message}`);
  return { metrics: config?.metrics, mistakes: texts };
}

describe('config/fields/metrics-fields: metrics', () => {
  it('is undefined where it is off, or not named', () => {
    expect(metricsIn('off')).to.deep.equal({ metrics: undefined, mistakes: [] });
    expect(parseConfig(RULES, '/p').config?.metrics).to.equal(undefined);
  });

  for (const [text, host] of [
    ['127.0.0.1:9154', '127.0.0.1'],
    ['127.8.8.8:9154', '127.8.8.8'],
    ['localhost:9154', 'localhost'],
    ['[::1]:9154', '::1'],
    ['[0:0:0:0:0:0:0:1]:9154', '0:0:0:0:0:0:0:1'],
  ])
    it(`may be ${text}`, () => {
      expect(metricsIn(`{inet: "${text}"}`).metrics).to.deep.equal({ type: 'inet', host, port: 9154 });
    });

  it('may be a socket, with mode and group', () => {
    expect(metricsIn('{unix: m.sock, mode: "0640", group: prometheus}').metrics).to.deep.equal({
      type: 'unix',
      path: '/etc/postblock/m.sock',
      mode: 0o640,
      group: 'prometheus',
    });
  });

  const mistakes: readonly (readonly [value: string, mistake: string])[] = [
    ['{inet: "0.0.0.0:9154"}', `1:10: metrics: 0.0.0.0 ${LOOPBACK}`],
    ['{inet: "192.0.2.1:9154"}', `1:10: metrics: 192.0.2.1 ${LOOPBACK}`],
    ['{inet: "[::]:9154"}', `1:10: metrics: :: ${LOOPBACK}`],
    ['{}', '1:10: metrics.inet: is missing; expected it to be set, as in inet: 127.0.0.1:9154'],
    [
      '{inet: mx}',
      '1:17: metrics.inet: "mx" is not an address with a port; expected 127.0.0.1:9154 or "[::1]:9154"',
    ],
    [
      '9154',
      '1:10: metrics: "9154" is not a mapping; expected inet: ADDRESS:PORT, or unix: PATH with mode and group',
    ],
    ['{inet: "127.0.0.1:9154", path: /}', '1:35: metrics.path: is not a known option; expected one of inet'],
  ];
  for (const [value, mistake] of mistakes)
    it(`is wrong as ${value}`, () => expect(metricsIn(value).mistakes).to.deep.equal([mistake]));
});
