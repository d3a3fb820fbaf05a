// A network of hosts around a server, each in a namespace of its own: the link of a host can be cut, and packets vanish.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { until } from './until.ts';

/** A namespace that lives as long as a process that does nothing else. */
class Namespace {
  readonly #keeper: ChildProcess;

  constructor() {
    this.#keeper = spawn('setpriv', ['--pdeathsig=KILL', 'unshare', '--net', 'sleep', 'infinity'], {
      stdio: 'ignore',
    });
  }

  get pid(): number {
    return this.#keeper.pid ?? 0;
  }

  /** What a command runs through to be in it, in its own process. */
  get through(): readonly string[] {
    return ['nsenter', `--net=/proc/${this.pid}/ns/net`];
  }

  async ready(): Promise<void> {
    const own = readlinkSync('/proc/self/ns/net');
    await until('a namespace', () => readlinkSync(`/proc/${this.pid}/ns/net`) !== own);
    this.ip('link', 'set', 'lo', 'up');
  }

  ip(...args: readonly string[]): void {
    const [program = '', ...rest] = [...this.through, 'ip', ...args];
    execFileSync(program, rest, { stdio: 'pipe' });
  }

  end(): void {
    this.#keeper.kill('SIGKILL');
  }
}

export class Network {
  readonly #server = new Namespace();
  readonly #hosts: readonly Namespace[];

  private constructor(count: number) {
    this.#hosts = Array.from({ length: count }, () => new Namespace());
  }

  /** @param count of hosts */
  static async make(count: number): Promise<Network> {
    const network = new Network(count);
    await network.#server.ready();
    for (const [i, host] of network.#hosts.entries()) {
      await host.ready();
      network.#server.ip(
        'link',
        'add',
        `host${i}`,
        'type',
        'veth',
        'peer',
        'name',
        'eth0',
        'netns',
        `${host.pid}`,
      );
      network.#server.ip('address', 'add', `${network.address(i)}/30`, 'dev', `host${i}`);
      host.ip('address', 'add', `10.231.${i}.2/30`, 'dev', 'eth0');
      host.ip('link', 'set', 'eth0', 'up');
      network.mend(i);
    }
    return network;
  }

  /** What the server runs through. */
  get server(): readonly string[] {
    return this.#server.through;
  }

  /** What a host runs through. */
  host(index: number): readonly string[] {
    return this.#hosts[index]?.through ?? [];
  }

  /** The address under which a host reaches the server. */
  address(index: number): string {
    return `10.231.${index}.1`;
  }

  /** Cuts a host off, at the far end of its link: it is told nothing. */
  cut(index: number): void {
    this.#server.ip('link', 'set', `host${index}`, 'down');
  }

  mend(index: number): void {
    this.#server.ip('link', 'set', `host${index}`, 'up');
  }

  end(): void {
    for (const namespace of [this.#server, ...this.#hosts]) namespace.end();
  }
}
