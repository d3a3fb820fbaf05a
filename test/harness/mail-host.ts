// A Debian 13 mail host that is set up exactly as the documentation says: Postfix, Dovecot, and postblock's own unit.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ShowAnswer } from '../../src/desk/answers.ts';
import type { StatusAnswer } from '../../src/health/status.ts';
import { Machine } from './machine.ts';
import { blocks, page, section } from './readme.ts';
import { until } from './until.ts';

const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url));
const VISITOR = fileURLToPath(new URL('../machine/visitor.js', import.meta.url));

/** A clone of the checkout, with the packages that npm downloaded for the checkout: the machine has no network. */
const prepareCheckout = () => `
mkdir -p "$ROOT/root/postblock" "$ROOT/root/.npm"
tar -C ${CHECKOUT} --exclude=./node_modules --exclude=./dist --exclude=./.git -c . | tar -C "$ROOT/root/postblock" -x
cp -r "${npmCache()}/_cacache" "$ROOT/root/.npm/"
echo offline=true > "$ROOT/root/.npmrc"
`;

/** What an administrator has configured before postblock: names, a content filter, and logins by Dovecot. */
const MAIL = `
postconf -e myhostname=mx.example.test mydestination=localhost \
  'header_checks=regexp:{{/^Subject: unwanted/ REJECT Unwanted message}}' \
  smtpd_sasl_type=dovecot smtpd_sasl_path=private/auth
sed -i 's/^!include auth-system/#&/' /etc/dovecot/conf.d/10-auth.conf
echo 'customer:{PLAIN}right' > /etc/dovecot/users
cat > /etc/dovecot/local.conf <<'END'
auth_failure_delay = 0
passdb passwd-file {
  passwd_file_path = /etc/dovecot/users
}
service anvil {
  # Without its penalty, which delays the second failure of a client by seconds.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service auth {
  unix_listener /var/spool/postfix/private/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}
END
systemctl restart dovecot
`;

const WIRE = `
cat contrib/main.cf >> /etc/postfix/main.cf
cat contrib/master.cf >> /etc/postfix/master.cf
postfix reload
`;

export class MailHost {
  readonly machine: Machine;

  private constructor(machine: Machine) {
    this.machine = machine;
  }

  /**
   * A mail host with a checkout, and without postblock.
   *
   * @param prepare sh(1) commands that change the root before it is booted for the first time; `$ROOT` is its path
   */
  static async boot(prepare = ''): Promise<MailHost> {
    const host = new MailHost(await Machine.boot(`${prepareCheckout()}\n${prepare}`));
    await host.machine.run(MAIL);
    return host;
  }

  /** A mail host where postblock was installed from source. */
  static async install(prepare = ''): Promise<MailHost> {
    const host = await MailHost.boot(prepare);
    await host.follow(section('From source', page('contrib/docs/packages.md')));
    await host.inCheckout(WIRE);
    await host.isWell();
    return host;
  }

  /** Runs the selected commands of a section, unchanged. */
  async follow(text: string, isWanted = (_: string) => true): Promise<void> {
    for (const block of blocks(text).filter(isWanted)) await this.inCheckout(block);
  }

  async isWell(): Promise<void> {
    const isWell = 'postblock status > /dev/null 2>&1 && echo yes || true';
    await until('postblock to be well', async () => (await this.machine.run(isWell)) !== '');
  }

  async end(): Promise<void> {
    await this.machine.end();
  }

  async inCheckout(commands: string): Promise<string> {
    return await this.machine.run(`cd /root/postblock\n${commands}`);
  }

  /** Acts as a client at an address: see visitor.ts. @returns the last replies to it */
  async visit(action: string, address: string, count = 1): Promise<string> {
    return await this.machine.visit(VISITOR, action, address, String(count));
  }

  async status(): Promise<StatusAnswer> {
    return JSON.parse(await this.machine.run('postblock status --json || true'));
  }

  async show(address: string): Promise<ShowAnswer> {
    return JSON.parse(await this.machine.run(`postblock show ${address} --json || true`));
  }

  /** The events that a rule counts of a client. */
  async count(address: string, rule: string): Promise<number | undefined> {
    return (await this.show(address)).counts.find((shown) => shown.rule === rule)?.count;
  }

  async hasCounted(address: string, rule: string, count: number): Promise<void> {
    await until(`${count} events of ${address}`, async () => (await this.count(address, rule)) === count);
  }

  /** Waits for a block. @returns its rule */
  async blocked(address: string): Promise<string> {
    return await until(`a block of ${address}`, async () => (await this.show(address)).block?.rule);
  }
}

function npmCache(): string {
  return execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).trim();
}
