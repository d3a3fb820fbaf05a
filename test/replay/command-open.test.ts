// postblock replay while its input is open: interrupts, and progress on a terminal.

import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { HOST_ZONE } from '../../src/maillog/syslog/zone.ts';
import { MergedInputs } from '../../src/replay/input/merged-inputs.ts';
import { CLI } from '../harness/daemon.ts';
import { type Component, describeReal } from '../harness/real.ts';
import { until } from '../harness/until.ts';
import { line } from '../maillog/log.ts';
import { folderWith, LOG, linesOf, OpenReplay, reportOf, running } from './replay-run.ts';
import { failed } from './small-log.ts';

const SCRIPT: Component = {
  name: 'script',
  remedy: 'apt-get install bsdutils',
  isThere: () => spawnSync('script', ['--version']).status === 0,
};

describe('replay/command-open: postblock replay of an open input', () => {
  describe('that is interrupted', () => {
    it('reports what it has read, says that this is not complete, and ends with code 130', async () => {
      const replay = new OpenReplay(folderWith(), '--json', '--html', 'report.html');
      const many = Array.from({ length: 2000 }, (_, i) => failed(`a[192.0.2.${i % 200}]`, i)).flat();
      replay.child.stdin.write(many.map((text) => `${text}\n`).join(''));
      await until('a block', () => replay.stdout.includes('"block"'));
      replay.child.kill('SIGINT');
      expect(await replay.ended).to.equal(130);
      const { read, rules } = reportOf(replay);
      expect(read.isComplete).to.equal(false);
      expect(read.records).to.be.above(400).and.to.be.at.most(2000);
      const blocks = linesOf(replay.stdout).filter(({ event }) => event === 'block').length;
      expect(rules.reduce((sum, rule) => sum + rule.blocks, 0)).to.equal(blocks);
      expect(replay.stderr).to.match(/^postblock: interrupted: [^\n]+\n$/);
    });

    it('prints the text too', async () => {
      const replay = new OpenReplay(folderWith());
      // More than fits in a pipe: once it is written, most of it has been read.
      const text = `${line('connect from a[192.0.2.1]')}\n`.repeat(40_000);
      await new Promise((resolve) => replay.child.stdin.write(text, resolve));
      replay.child.kill('SIGINT');
      expect(await replay.ended).to.equal(130);
      expect(replay.stdout).to.match(/^INCOMPLETE/);
    });

    it('uses what has arrived of an open input, however little', async () => {
      const stdin = new PassThrough();
      stdin.on('error', () => undefined);
      const damages: string[] = [];
      const times = { now: Date.UTC(2026, 10, 23), zone: HOST_ZONE };
      const options = { ...times, stdin, onUnreadable: () => undefined };
      stdin.write([...LOG, ...LOG].map((text) => `${text}\n`).join(''));
      const inputs = await MergedInputs.open(['-'], { ...options, onDamage: (text) => damages.push(text) });
      const batch = inputs.next();
      stdin.destroy(new Error('interrupted'));
      expect((await batch)?.length).to.equal(14);
      expect(await inputs.next()).to.equal(undefined);
      expect(damages.join()).to.contain('14 lines');
      await inputs.close();
    });
  });

  describeReal('on a terminal', SCRIPT, () => {
    it('shows the progress, erases it, and keeps it off the lines of --json', async () => {
      const folder = folderWith();
      const pipe = join(folder, 'pipe');
      expect(spawnSync('mkfifo', [pipe]).status).to.equal(0);
      const command = `'${process.execPath}' '${CLI}' replay pipe --json`;
      const child = spawn('script', ['-qefc', command, '/dev/null'], { cwd: folder });
      running.add(child);
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk;
      });
      const ended = new Promise((resolve) => child.on('close', resolve));
      const input = createWriteStream(pipe);
      let second = 0;
      /** Enough for a batch, with a block in it. */
      const write = () => {
        const abuse = failed(`a[192.0.${second >> 8}.${second & 255}]`, second, second, second);
        const rest = Array.from({ length: 1000 }, () =>
          line('connect from b[192.0.3.1]', 'smtpd', 9, second),
        );
        input.write([...abuse, ...rest].map((one) => `${one}\n`).join(''));
        second++;
      };
      const bars = () => text.split('lines/s').length - 1;
      await until('the bar', () => {
        write();
        return bars() > 1;
      });
      const before = text.split('"block"').length;
      await until('a block behind it', () => {
        write();
        return text.split('"block"').length > before;
      });
      input.end();
      expect(await ended).to.equal(0);
      running.delete(child);
      const objects = text.split('\r\n').filter((one) => one.includes('{"version"'));
      for (const one of objects)
        expect(one.slice(0, one.indexOf('{"version"'))).to.satisfy(
          (before: string) => before === '' || before.endsWith('\r\x1b[K'),
        );
      expect(objects.at(-1)).to.contain('"event":"report"');
    });
  });
});
