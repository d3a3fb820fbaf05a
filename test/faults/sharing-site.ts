// Three daemons with three logs and one server, each in a network of its own, and the faults that they have.

import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Network } from '../harness/network.ts';
import { RedisServer } from '../harness/redis.ts';
import { SharingDaemon } from '../harness/sharing-daemon.ts';
import { until } from '../harness/until.ts';

const PORT = 6379;
export const HOSTS = 3;

type Random = (below: number) => number;
type During = () => Promise<void>;

export class Site {
  readonly network: Network;
  readonly server: RedisServer;
  readonly hosts: readonly SharingDaemon[];
  /** hosts that were killed */
  readonly #killed = new Set<number>();
  #rotated = 0;

  private constructor(network: Network, server: RedisServer, hosts: readonly SharingDaemon[]) {
    this.network = network;
    this.server = server;
    this.hosts = hosts;
  }

  /** @param rules YAML under `rules:`; @param command runs the server */
  static async start(rules: string, command: readonly string[] = ['redis-server']): Promise<Site> {
    const network = await Network.make(HOSTS);
    const options = ['--port', `${PORT}`, '--bind', '0.0.0.0', '--protected-mode', 'no'];
    const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];
    const server = await RedisServer.startBy([...network.server, ...command], ...options, ...durable);
    const hosts = Array.from({ length: HOSTS }, (_, i) => {
      const url = `redis://${network.address(i)}:${PORT}`;
      return new SharingDaemon({
        host: `mx${i + 1}`,
        url,
        rules,
        more: 'breaker: off\n',
        through: network.host(i),
      });
    });
    for (const host of hosts) await host.start();
    for (const host of hosts) await host.live();
    return new Site(network, server, hosts);
  }

  async end(): Promise<void> {
    await this.server.kill();
    this.network.end();
  }

  /**
   * Waits until all hosts have repeated what the server lost, if anything. Before that, no event starts a block: a client
   * is judged at its next event.
   */
  async settled(patience: number): Promise<void> {
    await until('the server to know all hosts', () => this.#hostsKnown() === HOSTS, patience);
    await until(
      'all hosts to have repeated what was lost',
      async () => {
        const live = await Promise.all(this.hosts.map((host) => host.isLive().catch(() => false)));
        return live.every(Boolean) && this.server.cli('--scan', '--pattern', '*:r') === '';
      },
      patience,
    );
  }

  /** An emptied server knows a host from its next report on, a second later at most. */
  #hostsKnown(): number {
    const [live] = this.server.cli('--scan', '--pattern', '*:v').split('\n');
    return live === undefined || live === '' ? 0 : Number(this.server.cli('zcard', live));
  }

  /** A host that was not killed. */
  someHost(random: Random): SharingDaemon {
    const running = this.hosts.filter((_, i) => !this.#killed.has(i));
    return running[random(running.length)] ?? fail('no host runs');
  }

  /** Any host: what is written to the log of one that was killed is read later. */
  anyHost(random: Random): SharingDaemon {
    return this.hosts[random(HOSTS)] ?? fail('no host');
  }

  rotate(host: SharingDaemon): void {
    renameSync(host.log, `${host.log}-${String(++this.#rotated).padStart(6, '0')}`);
    writeFileSync(host.log, '');
  }

  async kill(index: number): Promise<void> {
    this.#killed.add(index);
    await this.hosts[index]?.stop('SIGKILL');
  }

  revive(index: number): void {
    this.hosts[index]?.spawn();
    this.#killed.delete(index);
  }

  /** Starts the server again without what it held. */
  async startEmpty(): Promise<void> {
    rmSync(join(this.server.folder, 'appendonlydir'), { recursive: true });
    await this.server.start();
  }
}

export interface Fault {
  readonly name: string;
  /** the server loses what it holds */
  readonly isLoss: boolean;
  /** Brings the fault about, and ends it after `during`. */
  run(site: Site, random: Random, during: During): Promise<void>;
}

export const SERVER_FAULTS: readonly Fault[] = [
  {
    name: 'server killed',
    isLoss: false,
    async run({ server }, _, during) {
      await server.kill();
      await during();
      await server.start();
    },
  },
  {
    name: 'server stopped',
    isLoss: false,
    async run({ server }, _, during) {
      server.pause();
      await during();
      server.resume();
    },
  },
  {
    name: 'server full',
    isLoss: false,
    async run({ server }, _, during) {
      server.cli('config', 'set', 'maxmemory', '1');
      await during();
      server.cli('config', 'set', 'maxmemory', '0');
    },
  },
  {
    name: 'server emptied',
    isLoss: true,
    async run({ server }, _, during) {
      server.cli('flushall');
      await during();
    },
  },
  {
    name: 'server lost its disk',
    isLoss: true,
    async run(site, _, during) {
      await site.server.kill();
      await during();
      await site.startEmpty();
    },
  },
];

export const HOST_FAULTS: readonly Fault[] = [
  {
    name: 'host killed',
    isLoss: false,
    async run(site, random, during) {
      const index = random(HOSTS);
      await site.kill(index);
      await during();
      site.revive(index);
    },
  },
  {
    name: 'host cut off',
    isLoss: false,
    async run({ network }, random, during) {
      const index = random(HOSTS);
      network.cut(index);
      await during();
      network.mend(index);
    },
  },
  {
    name: 'half of the hosts cut off',
    isLoss: false,
    async run({ network }, random, during) {
      const spared = random(HOSTS);
      const cut = Array.from({ length: HOSTS }, (_, i) => i).filter((i) => i !== spared);
      for (const index of cut) network.cut(index);
      await during();
      for (const index of cut) network.mend(index);
    },
  },
];

function fail(message: string): never {
  throw new Error(message);
}
