// Debian's Prometheus scrapes the real daemon: its alerts fire, and the dashboard's queries find what they show.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endDaemons, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { freePort, Prometheus } from '../harness/prometheus.ts';
import { page, ROOT, section } from '../harness/readme.ts';
import { describeReal, PROMETHEUS } from '../harness/real.ts';
import { until } from '../harness/until.ts';
import { refusedByUs, rejectedRecipient, times } from './mail.ts';

const RULES = readFileSync(join(ROOT, 'contrib/prometheus/postblock.rules.yml'), 'utf8');
const SCRAPE = readFileSync(join(ROOT, 'contrib/prometheus/scrape.yml'), 'utf8');
const IP = '192.0.2.1';
/** Without share-state, a watched rule and a trouble, there is nothing to show. */
const MAY_BE_EMPTY = [/postblock_share_/, /enforced="false"/, /^postblock_trouble\S+ == 1$/];

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
}

interface Dashboard {
  readonly id: null;
  readonly uid: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly definition?: string }[];
  };
}

const TEXT = readFileSync(join(ROOT, 'contrib/grafana/postblock.json'), 'utf8');
const DASHBOARD = JSON.parse(TEXT) as Dashboard;
const QUERIES = DASHBOARD.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }): [string, string] => [title, expr]),
);

/** A query as Grafana sends it. */
function filled(expr: string): string {
  return expr
    .replaceAll('$job', 'postblock')
    .replaceAll('$instance', '.*')
    .replaceAll('$__rate_interval', '10s');
}

describe('service: its dashboard', () => {
  it('has a data source to choose, and no ID of one', () => {
    expect(DASHBOARD.id).to.equal(null);
    expect(DASHBOARD.templating.list[0]).to.include({ name: 'datasource', type: 'datasource' });
    const named = [...TEXT.matchAll(/"uid": "([^"]*)"/g)].map(([, uid]) => uid);
    expect(new Set(named)).to.deep.equal(new Set(['postblock', `\${datasource}`]));
    expect(DASHBOARD.schemaVersion).to.be.within(36, 39);
  });

  it('has panels with IDs, titles and units of their own, beside each other', () => {
    const { panels } = DASHBOARD;
    expect(new Set(panels.map(({ id }) => id)).size).to.equal(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).to.equal(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).to.be.at.most(24);
      return Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`);
    });
    expect(new Set(cells).size).to.equal(cells.length);
    for (const { type, title, fieldConfig } of panels)
      if (type !== 'row') expect(fieldConfig?.defaults.unit, title).to.be.a('string');
  });
});

describe('service: its alerts', () => {
  it('are those of the documentation', () => {
    const names = [...RULES.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    const table = section('Each alert', page('contrib/docs/metrics.md'));
    expect([...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)).to.deep.equal(names);
  });
});

describeReal('service: its alerts, tested by promtool', PROMETHEUS, () => {
  it('are valid', () => {
    execFileSync('promtool', ['check', 'rules', join(ROOT, 'contrib/prometheus/postblock.rules.yml')]);
  });

  for (const file of ['alerts.yml', 'alerts-week.yml'])
    it(`fire when they must, and not before: ${file}`, () => {
      execFileSync('promtool', ['test', 'rules', join(ROOT, 'test/service', file)], { stdio: 'pipe' });
    });
});

describeReal('service: scraped by Prometheus', PROMETHEUS, () => {
  let daemon: TestDaemon;
  let prometheus: Prometheus;
  let asking: NodeJS.Timeout;
  let isLogging = true;

  before(async () => {
    const port = await freePort();
    daemon = new TestDaemon();
    daemon.writePolicy(SMALL_RULES, daemon.head(`metrics: {inet: "127.0.0.1:${port}"}\n`));
    await daemon.start();
    // The waits of the alerts, in seconds: nobody waits for minutes here.
    const rules = RULES.replace(/for: \d+m/g, 'for: 1s')
      .replaceAll('[5m]', '[8s]')
      .replace('interval: 4m', 'interval: 1s');
    const scrape = SCRAPE.replace('15s', '1s').replace('127.0.0.1:9154', `127.0.0.1:${port}`);
    prometheus = await Prometheus.start(
      `global: {evaluation_interval: 1s}\nrule_files: [rules.yml]\n${scrape}`,
      rules,
    );
    asking = setInterval(() => {
      if (isLogging) daemon.append(...rejectedRecipient('192.0.2.2'), ...refusedByUs(IP, 'bob@example.net'));
      daemon.verdict('192.0.2.3').catch(() => undefined);
    }, 200);
    daemon.append(...times(3, () => rejectedRecipient(IP)));
  });

  after(async () => {
    clearInterval(asking);
    await prometheus.stop();
    await endDaemons();
  });

  it('is reached', async () => {
    await until('the target to be up', async () => {
      return (await prometheus.query('up{job="postblock"} == 1')).length === 1;
    });
  });

  it('gives each query of the dashboard what it shows', async () => {
    for (const [title, expr] of QUERIES) {
      const query = filled(expr);
      if (MAY_BE_EMPTY.some((pattern) => pattern.test(query))) await prometheus.query(query);
      else
        await until(`data of "${title}": ${query}`, async () => {
          const result = await prometheus.query(query);
          return result.length > 0 && result.every(({ value: [, value] }) => value !== 'NaN');
        });
    }
    for (const { definition } of DASHBOARD.templating.list) {
      const [, series = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(definition ?? '') ?? [];
      if (definition === undefined) continue;
      const found = await prometheus.series(filled(series));
      expect(
        found.map((one) => one[label]),
        definition,
      ).to.satisfy((all: string[]) => all.length === 1 && all[0]);
    }
  });

  it('gives each alert a query without fault, and none fires', async () => {
    const loaded = await until('the rules to be evaluated', async () => {
      const all = (await prometheus.rules()).groups.flatMap(({ rules }) => rules);
      return all.every(({ health }) => health !== 'unknown') && all;
    });
    expect(loaded.map(({ name }) => name)).to.include('PostblockLogSilent');
    expect(loaded.filter(({ health }) => health !== 'ok')).to.deep.equal([]);
    const firing = (await prometheus.alerts()).filter(({ state }) => state === 'firing');
    expect(firing.map(({ labels }) => labels.alertname)).to.deep.equal([]);
  });

  it('lets the alert fire when the log falls silent while Postfix asks', async () => {
    isLogging = false;
    const found = await until(
      'PostblockLogSilent to fire',
      async () => {
        const alerts = await prometheus.alerts();
        return alerts.find(
          ({ labels, state }) => labels.alertname === 'PostblockLogSilent' && state === 'firing',
        );
      },
      30_000,
    );
    expect(found.labels).to.include({ job: 'postblock', severity: 'critical' });
  }).timeout(40_000);

  it('lets the alert fire when the daemon ends', async () => {
    expect(await daemon.stop()).to.equal(0);
    await until('PostblockTargetDown to fire', async () => {
      const alerts = await prometheus.alerts();
      return alerts.some(
        ({ labels, state }) => labels.alertname === 'PostblockTargetDown' && state === 'firing',
      );
    });
  });
});
