// A daemon that shares what it counts and blocks with others, on a server that the test started.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ask } from '../../src/cli/client.ts';
import { CLI, type DaemonOptions, SMALL_RULES, TestDaemon } from './daemon.ts';
import { until } from './until.ts';

export interface SharingDaemonOptions extends Pick<DaemonOptions, 'through' | 'env'> {
  /** its name among the hosts */
  readonly host: string;
  readonly url: string;
  /** YAML under `rules:` */
  readonly rules?: string;
  /** more lines before `rules:` */
  readonly more?: string;
}

/** What `status` says of sharing. */
export interface SharingState {
  readonly host: string;
  readonly up: boolean;
  readonly sends: string;
}

export class SharingDaemon extends TestDaemon {
  readonly host: string;

  constructor({ host, url, rules = SMALL_RULES, more = '', ...options }: SharingDaemonOptions) {
    super(options);
    this.host = host;
    const share = `snapshot-every: 1s\nshare-state: {url: "${url}", host: ${host}}\n`;
    this.writePolicy(rules, this.head(`${share}${more}`));
  }

  async sharing(): Promise<SharingState> {
    return (await ask<{ readonly sharing: SharingState }>(this.state, { command: 'status' })).sharing;
  }

  async command(...args: readonly string[]): Promise<{ readonly stdout: string }> {
    const [name = '', ...rest] = args;
    return await promisify(execFile)(process.execPath, [CLI, name, '--policy', this.policy, ...rest]);
  }

  async isLive(): Promise<boolean> {
    const { sends, up } = await this.sharing();
    return sends === 'live' && up;
  }

  async alone(): Promise<void> {
    await until('the host to be alone', async () => !(await this.sharing()).up);
  }

  async live(): Promise<void> {
    await until('the host to share', () => this.isLive());
  }
}
