// The parts beside the verdict: each gets every call, whatever another one does.

import { expect } from 'chai';
import type { Change } from '../../../src/blocks/changes.ts';
import type { Config } from '../../../src/config/config.ts';
import { type Companion, Companions } from '../../../src/daemon/companions/companions.ts';

/** Notes its calls, and throws in each of them where it is a broken one. */
class Noting implements Companion {
  readonly name: string;
  readonly calls: string[];
  readonly #isBroken: boolean;

  constructor(name: string, calls: string[], isBroken = false) {
    this.name = name;
    this.calls = calls;
    this.#isBroken = isBroken;
  }

  async adopt(): Promise<void> {
    this.#note('adopt');
  }

  changed(): void {
    this.#note('changed');
  }

  tick(now: number): void {
    this.#note(`tick ${now}`);
  }

  async stop(): Promise<void> {
    this.#note('stop');
  }

  #note(call: string): void {
    this.calls.push(`${this.name}: ${call}`);
    if (this.#isBroken) throw new Error(call);
  }
}

describe('daemon/companions/companions: the companions', () => {
  it('get each call in their order, and an error of one is reported with its name', async () => {
    const calls: string[] = [];
    const faults: string[] = [];
    const companions = new Companions(
      [new Noting('first', calls, true), new Noting('second', calls)],
      (where, error) => faults.push(`${where}: ${(error as Error).message}`),
    );
    await companions.adopt({} as Config);
    companions.changed({} as Change, undefined);
    companions.tick(5);
    await companions.stop();
    const each = ['adopt', 'changed', 'tick 5', 'stop'];
    expect(calls).to.deep.equal(each.flatMap((call) => [`first: ${call}`, `second: ${call}`]));
    expect(faults).to.deep.equal(each.map((call) => `first: ${call}`));
  });

  it('need no more than a policy and an end', async () => {
    const calls: string[] = [];
    const plain: Companion = {
      name: 'plain',
      adopt: async () => void calls.push('adopt'),
      stop: async () => void calls.push('stop'),
    };
    const companions = new Companions([plain], (where) => calls.push(`fault of ${where}`));
    await companions.adopt({} as Config);
    companions.changed({} as Change, 'mx2');
    companions.tick(5);
    await companions.stop();
    expect(calls).to.deep.equal(['adopt', 'stop']);
  });
});
