// share-state: in policy.yml: the forms of a server, and each mistake.

import { expect } from 'chai';
import { parseConfig } from '../../../src/config/config.ts';

const RULES =
  'rules: {r: {counts: auth-failure, limit: 3, within: 1h, block-for: 1h, message: Too many logins.}}\n';

function shareIn(value: string) {
  const { config, mistakes = [] } = parseConfig(
    `share-state: ${value}\n${RULES}`,
    '/etc/postblock/policy.yml',
  );
  const texts = mistakes.map(({ line, column, key, message }) => `${line}:${column}: ${key}: ${message}`);
  return { share: config?.shareState, mistakes: texts };
}

describe('config/fields/share-fields: share-state', () => {
  it('has defaults for all but the url', () => {
    expect(shareIn('{url: "redis://127.0.0.1:6379"}').share).to.deep.include({
      urls: ['redis://127.0.0.1:6379'],
      kind: 'single',
      prefix: 'postblock',
      timeout: 1000,
    });
  });

  it('is undefined where it is off, or not named', () => {
    expect(shareIn('off')).to.deep.equal({ share: undefined, mistakes: [] });
    expect(parseConfig(RULES, '/p').config?.shareState).to.equal(undefined);
  });

  it('reads several servers as a cluster, and with a master as sentinels', () => {
    const urls = '["redis://a:6379", "redis://b:6379"]';
    expect(shareIn(`{url: ${urls}}`).share?.kind).to.equal('cluster');
    expect(shareIn(`{url: ${urls}, sentinel: mail}`).share).to.deep.include({
      kind: 'sentinel',
      master: 'mail',
    });
    expect(shareIn('{url: "redis://a:6379", cluster: true}').share?.kind).to.equal('cluster');
  });

  it('takes paths from the directory of the policy', () => {
    const value = '{url: "rediss://valkey.example.com", password-file: share.password, ca-file: /etc/ca.pem}';
    expect(shareIn(value).share).to.deep.include({
      urls: ['rediss://valkey.example.com'],
      passwordFile: '/etc/postblock/share.password',
      caFile: '/etc/ca.pem',
    });
  });

  it('takes the number of a database, of a server alone', () => {
    for (const url of ['redis://a/3', 'redis://a/', 'unix:///run/valkey.sock'])
      expect(shareIn(`{url: "${url}"}`).share?.urls).to.deep.equal([url]);
  });

  it('takes other credentials for the sentinels than for the server', () => {
    const value = '{url: "redis://a", sentinel: mail, sentinel-user: s, sentinel-password-file: s.password}';
    expect(shareIn(value).share).to.deep.include({
      sentinelUser: 's',
      sentinelPasswordFile: '/etc/postblock/s.password',
      user: undefined,
    });
  });

  const FORM = 'redis://HOST:PORT, rediss://HOST:PORT (TLS) or unix:///PATH';
  const WRONG: readonly (readonly [string, string])[] = [
    ['{}', `1:14: share-state.url: is missing; expected it to be set, as in url: redis://127.0.0.1:6379`],
    ['{url: "http://a"}', `1:20: share-state.url: "http://a" is not a server; expected ${FORM}`],
    ['{url: mx1}', `1:20: share-state.url: "mx1" is not a server; expected ${FORM}`],
    ['{url: "unix://"}', `1:20: share-state.url: "unix://" is not a server; expected ${FORM}`],
    [
      '{url: "redis://:secret@a"}',
      '1:20: share-state.url: holds a user or a password; expected them in user and password-file',
    ],
    [
      '{url: "redis://a", host: "mx 1"}',
      '1:39: share-state.host: "mx 1" is not a valid name; expected a name of letters, digits, dots and hyphens',
    ],
    [
      '{url: "redis://a", timeout: 2h}',
      '1:42: share-state.timeout: "2h" is out of range; expected one such as 90s, 10m, 1h30m or 2d, from 1s to 1m',
    ],
    [
      '{url: "redis://a", sentinel: m, cluster: true}',
      '1:14: share-state: has both sentinel and cluster; expected one of them',
    ],
    [
      '{url: "redis://a", sentinel-user: s}',
      '1:14: share-state: has credentials for sentinels; expected the name of the master in sentinel',
    ],
    ...[
      'unix:/run/s',
      'unix://run/s',
      'redis://a/mail',
      'redis://a/1/2',
      'redis://a?db=1',
      'redis://a#1',
    ].map((url): [string, string] => [
      `{url: "${url}"}`,
      `1:20: share-state.url: "${url}" is not a server; expected ${FORM}`,
    ]),
    [
      '{url: "redis://a", user: u}',
      '1:14: share-state: has a user without a password; expected password-file',
    ],
    [
      '{url: "redis://a", sentinel: m, sentinel-user: u}',
      '1:14: share-state: has a sentinel-user without a password; expected sentinel-password-file',
    ],
    [
      '{url: "redis://a", ca-file: /ca}',
      '1:14: share-state: has a ca-file without TLS; expected rediss:// in url',
    ],
    [
      '{url: ["redis://a", "rediss://b"]}',
      '1:14: share-state: has servers of several kinds in url; expected only redis://, or only rediss://',
    ],
    [
      '{url: ["redis://a/1", "redis://b"]}',
      '1:14: share-state: has a socket or a database in url with a cluster; expected redis://HOST:PORT or rediss://HOST:PORT',
    ],
    [
      '{url: "unix:///s", sentinel: m}',
      '1:14: share-state: has a socket or a database in url with a sentinel; expected redis://HOST:PORT or rediss://HOST:PORT',
    ],
  ];
  for (const [value, mistake] of WRONG)
    it(`is told what is wrong with ${value}`, () => {
      expect(shareIn(value).mistakes).to.deep.equal([mistake]);
    });
});
