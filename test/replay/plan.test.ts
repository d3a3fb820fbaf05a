// The plan of a replay: times, values to set and to sweep, and options that are not valid.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ExitError } from '../../src/exit.ts';
import { type PlanOptions, planOf } from '../../src/replay/plan.ts';
import { DAY, HOUR } from '../../src/values/duration.ts';
import { temporaryFolder } from '../harness/folder.ts';

const NOW = Date.UTC(2026, 10, 23, 10);
const POLICY = join(temporaryFolder(), 'policy.yml');
writeFileSync(
  POLICY,
  'rules:\n  r.x: {counts: auth-failure, limit: 30, within: 1h, block-for: 48h, message: No.}\n',
);

function plan(options: Partial<PlanOptions>) {
  return planOf(POLICY, { set: [], sweep: [], since: undefined, until: undefined, ...options }, NOW);
}

async function refused(options: Partial<PlanOptions>): Promise<ExitError> {
  try {
    await plan(options);
  } catch (error) {
    if (error instanceof ExitError) return error;
    throw error;
  }
  throw new Error(`not refused: ${JSON.stringify(options)}`);
}

describe('replay/plan', () => {
  const good: readonly (readonly [text: string, moment: number])[] = [
    ['7d', NOW - 7 * DAY],
    ['1h30m', NOW - 1.5 * HOUR],
    ['0s', NOW],
    ['2026-11-01T12:00Z', Date.UTC(2026, 10, 1, 12)],
    ['2026-11-01T12:00:30.5+02:00', Date.UTC(2026, 10, 1, 10, 0, 30, 500)],
    ['2026-11-01 12:00-05:00', Date.UTC(2026, 10, 1, 17)],
    ['2024-02-29T00:00Z', Date.UTC(2024, 1, 29)],
    // Without a zone: local time, as the stamps of most logs.
    ['2026-11-01', new Date(2026, 10, 1).getTime()],
    ['2026-11-01T12:00', new Date(2026, 10, 1, 12).getTime()],
    ['2026-11-01 12:00:30', new Date(2026, 10, 1, 12, 0, 30).getTime()],
  ];
  for (const [text, moment] of good) {
    it(`--since and --until accept ${text}`, async () => {
      expect((await plan({ since: text })).since).to.equal(moment);
      expect((await plan({ until: text })).until).to.equal(moment);
    });
  }

  const bad = [
    ['', 'yesterday', '7', '7 d', '-7d', '1x', '7d ago', '2026', '2026-11', '01.11.2026', '11/01/2026'],
    ['2026-13-01', '2026-00-01', '2026-11-00', '2026-11-31', '2026-02-29', '2026-02-30T10:00Z', '26-11-01'],
    ['2026-11-01T25:00', '2026-11-01T12:60', '2026-11-01T12', '2026-11-01Z12:00', '2026-11-01T12:00 Z'],
    ['2026-11-01T12:00+2', '2026-11-01\n', ' 2026-11-01', '1e9', 'NaN', 'now', '0x10s', '9'.repeat(400)],
  ].flat();
  for (const text of bad) {
    it(`--since and --until refuse ${JSON.stringify(text.slice(0, 40))}`, async () => {
      for (const option of ['since', 'until'] as const) {
        const { status, lines } = await refused({ [option]: text });
        expect(status).to.equal(64);
        expect(lines[0]).to.match(
          new RegExp(`^--${option}: ".*" is not a valid time; expected a time such as 2026-11-01 `),
        );
      }
    });
  }

  it('refuses an empty span of time', async () => {
    for (const until of ['2d', '3d', '2026-01-01'])
      expect(await refused({ since: '2d', until })).to.include({ status: 64 });
    expect((await plan({ since: '2d', until: '1d' })).since).to.equal(NOW - 2 * DAY);
  });

  it('replays everything by default', async () => {
    const { since, until, sweeps } = await plan({});
    expect([since, until]).to.deep.equal([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect(sweeps).to.deep.equal([]);
  });

  it('sets values of the policy', async () => {
    const { terms } = await plan({ set: ['rules.r.x.limit = 7', 'ipv6-prefix=56'] });
    expect([terms.rules.named('r.x')?.limit, terms.ipv6Prefix]).to.deep.equal([7, 56]);
  });

  it('sweeps limit, within and block-for, and marks the current values', async () => {
    const sweep = ['rules.r.x.limit=20, 30,50', 'rules.r.x.within=60m,2h', 'rules.r.x.block-for=1d,2d,1w'];
    const { sweeps } = await plan({ sweep });
    const marked = sweeps.map(({ rule, values }) => [
      rule,
      ...values.map(({ value, isCurrent }) => (isCurrent ? `${value}*` : value)),
    ]);
    expect(marked).to.deep.equal([
      ['r.x', '20', '30*', '50'],
      ['r.x', '60m*', '2h'],
      ['r.x', '1d', '2d*', '1w'],
    ]);
    const limits = sweeps.map(({ values }) => values.map(({ terms }) => terms.rules.named('r.x')?.limit));
    expect(limits).to.deep.equal([
      [20, 30, 50],
      [30, 30],
      [30, 30, 30],
    ]);
  });

  it('sweeps the share, in per cent', async () => {
    const { sweeps } = await plan({ sweep: ['rules.r.x.share=0%,12.5%, 50%'] });
    expect(sweeps[0]?.values.map(({ value, isCurrent }) => [value, isCurrent])).to.deep.equal([
      ['0%', true],
      ['12.5%', false],
      ['50%', false],
    ]);
    const shares = sweeps[0]?.values.map(({ terms }) => terms.rules.named('r.x')?.share);
    expect(shares).to.deep.equal([0, 0.125, 0.5]);
  });

  it('sweeps on top of what is set', async () => {
    const { sweeps } = await plan({
      set: ['rules.r.x.limit=5'],
      sweep: ['rules.r.x.limit=5,30', 'rules.r.x.within=1h'],
    });
    expect(sweeps[0]?.values.map(({ isCurrent }) => isCurrent)).to.deep.equal([true, false]);
    expect(sweeps[1]?.values[0]?.terms.rules.named('r.x')?.limit).to.equal(5);
  });

  const usage: readonly (readonly [option: 'set' | 'sweep', text: string])[] = [
    ['set', 'rules.r.x.limit'],
    ['set', '=5'],
    ['set', ''],
    ['sweep', 'rules.r.x.limit'],
    ['sweep', 'rules.r.x.enforce=true,false'],
    ['sweep', 'rules.r.x.counts=auth-failure'],
    ['sweep', 'ipv6-prefix=56,64'],
    ['sweep', 'rules.limit=1,2'],
    ['sweep', `rules.r.x.limit=${Array.from({ length: 21 }, (_, i) => i + 1).join()}`],
  ];
  for (const [option, text] of usage) {
    it(`refuses --${option} ${JSON.stringify(text.slice(0, 40))}`, async () => {
      const { status, lines } = await refused({ [option]: [text] });
      expect(status).to.equal(64);
      expect(lines[0]).to.contain(`--${option}`);
    });
  }

  it('refuses more values than can be tried side by side', async () => {
    const eleven = Array.from({ length: 11 }, (_, i) => i + 1).join();
    const sweep = [`rules.r.x.limit=${eleven}`, `rules.r.x.limit=${eleven}`];
    expect((await refused({ sweep })).lines[0]).to.contain('22 values');
  });

  for (const [text, says] of [
    ['rules.r.x.limit=20,many', '--sweep rules.r.x.limit=many: "many" is not a whole number'],
    ['rules.r.x.limit=20,', '--sweep rules.r.x.limit=: nothing is not a whole number'],
    ['rules.r.x.within=1h,8d', '--sweep rules.r.x.within=8d: "8d" is out of range'],
    ['rules.x.limit=20', '--sweep rules.x.limit=20: rules.x is not in the policy'],
    ['rules.r.x.share=5%,10', '--sweep rules.r.x.share=10: "10" is not a share; expected a percentage'],
    ['rules.r.x.share=101%', '--sweep rules.r.x.share=101%: "101%" is out of range'],
  ] as const) {
    it(`says what is wrong with a value of --sweep ${text}`, async () => {
      const { status, lines } = await refused({ sweep: [text] });
      expect(status).to.equal(78);
      expect(lines.length).to.equal(1);
      expect(lines[0]?.startsWith(says), lines[0]).to.equal(true);
    });
  }
});
