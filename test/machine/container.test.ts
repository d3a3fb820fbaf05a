// contrib/container: the steps of the image in a Debian 13, the daemon as its containers run it, and the examples.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { DEBIAN_13 } from '../harness/debian.ts';
import { copyCommands } from '../harness/debian-copy.ts';
import { sharedPackage } from '../harness/debian-package.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { ROOT } from '../harness/readme.ts';
import { DEBHELPER, describeReal } from '../harness/real.ts';
import { until } from '../harness/until.ts';

const CONTAINER = join(ROOT, 'contrib/container');
const text = (name: string) => readFileSync(join(CONTAINER, name), 'utf8');

interface Service {
  readonly build?: { readonly dockerfile: string; readonly args: { readonly MAILLOG: string } };
  readonly volumes: readonly (string | { readonly source: string; readonly target: string })[];
  readonly depends_on?: Readonly<Record<string, { readonly required: boolean }>>;
  readonly network_mode?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly group_add?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
}

interface Example {
  readonly compose: string;
  readonly mail: string;
  readonly postblock: string;
  /** where the log is mounted */
  readonly log: string;
  /** IDs of the groups that may read it, as both hosts and their containers have them */
  readonly groups: readonly string[];
  readonly main: string;
}

const EXAMPLES: readonly Example[] = [
  {
    compose: 'docker-mailserver/compose.override.yaml',
    mail: 'mailserver',
    postblock: 'postblock',
    log: '/var/log/mail/',
    // Its start-mailserver.sh creates mail.log as root, and a restart of the container takes it from others.
    groups: ['0', '4'],
    main: 'docker-mailserver/postfix-main.cf',
  },
  {
    compose: 'mailcow/docker-compose.override.yml',
    mail: 'postfix-mailcow',
    postblock: 'postblock-mailcow',
    log: '/var/log/journal',
    groups: ['4'],
    main: 'mailcow/extra.cf',
  },
];

/** The instructions of the last stage of the Dockerfile, in one line each. */
function instructions(): string[] {
  const [, last = ''] = text('Dockerfile').split('\nFROM debian:trixie-slim\n');
  return last
    .replace(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter(Boolean);
}

function instruction(name: string): string {
  return (
    instructions()
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1) ?? ''
  );
}

function servicesOf({ compose, mail, postblock }: Example): { mail: Service; postblock: Service } {
  const { services } = parse(text(compose)) as { services: Record<string, Service> };
  const [mailService, own] = [services[mail], services[postblock]];
  if (mailService === undefined || own === undefined) throw new Error(`${compose} has other services`);
  return { mail: mailService, postblock: own };
}

describe('machine: contrib/container/README.md', () => {
  it('links to files that exist, and has each file of the examples', () => {
    const links = [...text('README.md').matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(join(CONTAINER, link)))).to.deep.equal([]);
    const folders = ['docker-mailserver', 'mailcow'];
    const files = folders.flatMap((folder) =>
      readdirSync(join(CONTAINER, folder)).map((name) => `${folder}/${name}`),
    );
    expect(links).to.include.members(files);
  });
});

for (const example of EXAMPLES)
  describe(`machine: the container for ${example.mail}`, () => {
    const { mail, postblock } = servicesOf(example);

    it('has no network, no capability, and a root that it cannot write to', () => {
      expect(postblock).to.deep.include({ network_mode: 'none', read_only: true, cap_drop: ['ALL'] });
      expect(postblock.group_add).to.deep.equal(example.groups);
    });

    it('is checked as the image is, also where the image has no check', () => {
      const [, check = ''] = instruction('HEALTHCHECK').split(' CMD ');
      const [, program] = /\/usr\/bin\/(\w+)/.exec(check) ?? [];
      expect(postblock.healthcheck?.test).to.deep.equal(['CMD', program, 'status']);
    });

    it('shares the socket with Postfix, which starts without it too', () => {
      const [shared] = mail.volumes;
      expect(shared).to.deep.include({ target: '/run/postblock-policy', read_only: true });
      const source = typeof shared === 'object' ? shared.source : '';
      expect(postblock.volumes).to.include(`${source}:/run/postblock-policy`);
      expect(mail.depends_on?.[example.postblock]?.required).to.equal(false);
      expect(text(example.main)).to.include('unix:/run/postblock-policy/policy,');
      expect(text('Dockerfile')).to.include('unix: /run/postblock-policy/policy');
    });

    it('is built from a file that exists, and may only read the log', () => {
      expect(existsSync(join(ROOT, postblock.build?.dockerfile ?? ''))).to.equal(true);
      const mounts = postblock.volumes.map((volume) => String(volume).split(':'));
      expect(mounts.filter(([, target]) => target === example.log)).to.have.lengthOf(1);
      for (const [source = '', , options] of mounts)
        if (/^[./]/.test(source)) expect(options, source).to.equal('ro');
    });

    it('wires Postfix as contrib/main.cf does', function () {
      if (spawnSync('postconf', ['mail_version']).error !== undefined) return this.skip();
      const folder = temporaryFolder();
      writeFileSync(join(folder, 'main.cf'), text(example.main));
      writeFileSync(join(folder, 'master.cf'), '');
      const { stdout, stderr } = spawnSync('postconf', ['-c', folder, '-n'], { encoding: 'utf8' });
      expect(stderr).to.equal('');
      expect(stdout).to.match(/^postblock = check_policy_service \{ unix:.*default_action=DUNNO \}$/m);
      expect(stdout).to.match(/^smtpd_client_restrictions = \$postblock/m);
      expect(stdout).to.match(/^smtpd_end_of_data_restrictions = \$postblock$/m);
    });
  });

describeReal('machine: the image', DEBHELPER, () => {
  describeReal('machine: the image in Debian 13', DEBIAN_13, function () {
    this.timeout(120_000);
    let folder: string;
    let keeper: ChildProcess;
    let built = '';

    /** Runs a command in the mount namespace of the image's root. */
    function outside(commands: string): string {
      const target = readFileSync(`/proc/${keeper.pid}/task/${keeper.pid}/children`, 'utf8').trim();
      const inside = [`--target=${target}`, '--mount', '--pid', '--net', 'sh', '-ec', commands];
      return execFileSync('nsenter', inside, { encoding: 'utf8' });
    }

    /** sh(1) commands as the container runs them: as its user, without capabilities and privileges to come. */
    const asContainer = (commands: string) =>
      `exec chroot ${folder}/root setpriv --reuid=postblock --regid=postblock --init-groups --bounding-set=-all \
       --inh-caps=-all --no-new-privs sh -c '${commands}'`;

    /** Whether a command of the container succeeds, and what it prints. */
    function ended(commands: string): string {
      return outside(`(${asContainer(commands)}) 2>&1 && echo yes || echo no`);
    }

    before(async () => {
      folder = temporaryFolder();
      const { build } = servicesOf(EXAMPLES[0] as Example).postblock;
      const steps = instructions().filter((line) => line.startsWith('RUN '));
      const deb = sharedPackage();
      // The network of the host, for the mirror of Debian; the root of the image is not written to afterwards.
      const script = `${copyCommands(folder)}
mount -t proc proc ${folder}/root/proc
mount --rbind /dev ${folder}/root/dev
cp ${deb} ${folder}/root/tmp/
cp /etc/resolv.conf ${folder}/root/etc/resolv.conf
export MAILLOG='${build?.args.MAILLOG}'
${steps.map((step) => `chroot ${folder}/root sh -c '${step.slice(4).replaceAll("'", "'\\''")}' >&2`).join('\n')}
mkdir -p ${folder}/root/var/log/mail
echo 'Nov 23 10:20:30 mail postfix/smtpd[1]: connect from unknown[192.0.2.7]' > ${folder}/root/var/log/mail/mail.log
chgrp -R adm ${folder}/root/var/log/mail && chmod -R u=rwX,g=rX,o= ${folder}/root/var/log/mail
for volume in var/lib/postblock run/postblock-policy var/log/mail; do
  mount --bind ${folder}/root/$volume ${folder}/root/$volume
done
mount --bind ${folder}/root/run/postblock-policy ${folder}/root/mnt
mount -o remount,bind,ro ${folder}/root/mnt
mount -o remount,bind,ro ${folder}/root/var/log/mail
mount -o remount,bind,ro ${folder}/root
echo made
exec sleep infinity`;
      const command = ['unshare', '--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', script];
      keeper = spawn('setpriv', ['--pdeathsig=KILL', ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
      for (const stream of [keeper.stdout, keeper.stderr])
        stream?.on('data', (chunk) => {
          built = `${built}${chunk}`.slice(-5000);
        });
      await until('the image', () => built.includes('made\n'), 100_000).catch((error) => {
        throw new Error(`${error}\n${built}`);
      });
    });

    after(() => keeper?.kill('SIGKILL'));

    it('has a user whose IDs do not depend on other packages', () => {
      expect(ended('id -u; id -g')).to.equal('10040\n10040\nyes\n');
    });

    it('is not said to run by the package, which nothing starts there', () => {
      expect(built).to.include('\npostblock does not run yet: ').and.not.include('postblock runs.');
    });

    it('is healthy while the daemon reads the log, on a root that it cannot write to', async () => {
      expect(instruction('USER')).to.equal('postblock');
      const [program = ''] = JSON.parse(instruction('ENTRYPOINT')) as string[];
      const [command = ''] = JSON.parse(instruction('CMD')) as string[];
      const health = (JSON.parse(instruction('HEALTHCHECK').replace(/^.*? CMD /, '')) as string[]).join(' ');
      expect(ended('touch /etc/x /usr/x')).to.match(/Read-only file system[\s\S]*no\n$/);
      expect(ended(health)).to.match(/no\n$/);
      outside(
        `unshare --net sh -c "${asContainer(`${program} ${command} > /var/lib/postblock/log 2>&1`).replaceAll('"', '\\"')}" > /dev/null 2>&1 &`,
      );
      await until('the daemon', () => ended(health).endsWith('yes\n'));
      expect(ended(health)).to.include('all is well').and.include('/var/log/mail/mail.log');
    });

    it('answers at its socket in the shared volume, which the other container has for reading only', () => {
      const ask = `printf "request=smtpd_access_policy\\nprotocol_state=RCPT\\nclient_address=192.0.2.7\\n\\n"`;
      const node = `node -e "const s = require('node:net').connect('/mnt/policy'); process.stdin.pipe(s, { end: false }); s.on('data', (d) => { process.stdout.write(d); process.exit() })"`;
      const as = `chroot ${folder}/root setpriv --reuid=nobody --regid=nogroup --clear-groups`;
      expect(outside(`${ask} | ${as} ${node}`)).to.equal('action=DUNNO\n\n');
      expect(outside(`${as} rm -f /run/postblock-policy/policy /mnt/policy 2>&1 || echo refused`)).to.include(
        'refused',
      );
    });
  });
});
