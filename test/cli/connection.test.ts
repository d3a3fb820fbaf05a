// The connection of a command to the daemon: what it says where neither path of the control socket leads to one.

import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { connected } from '../../src/cli/connection.ts';
import { NoDaemon } from '../../src/cli/unanswered.ts';
import { EXIT, type ExitError } from '../../src/exit.ts';
import { temporaryFolder } from '../harness/folder.ts';

async function failureOf(state: string): Promise<ExitError> {
  return await connected(state).then(
    () => {
      throw new Error('connected');
    },
    (error: ExitError) => error,
  );
}

describe('cli/connection: without a daemon', () => {
  it('names the one socket of a state directory of its own', async () => {
    const state = temporaryFolder();
    const error = await failureOf(state);
    expect(error).to.be.instanceOf(NoDaemon);
    expect(error).to.deep.include({
      status: EXIT.unavailable,
      lines: [`no daemon answers on ${state}/control.sock`],
    });
  });

  it('names both sockets of a state directory that the unit makes', async () => {
    const name = `postblock-${randomUUID()}`;
    const error = await failureOf(`/var/lib/${name}`);
    expect(error).to.be.instanceOf(NoDaemon);
    expect(error).to.deep.include({
      status: EXIT.unavailable,
      lines: [`no daemon answers on /var/lib/${name}/control.sock or /run/${name}/control.sock`],
    });
  });
});
