// Opens the sockets of the daemon at its start, or says with which exit status it ends.

import type { Config } from '../../config/config.ts';
import type { ControlServer } from '../../desk/control.ts';
import { ownControlPaths } from '../../desk/control-paths.ts';
import { ExitError, exitStatusOf } from '../../exit.ts';
import { ListenError, type PolicyService } from '../../policy/server.ts';
import type { DaemonLog } from '../log/log.ts';
import type { PassedDescriptor } from '../systemd/environment.ts';
import { logPassed, passConnections, passListeners } from '../systemd/passed.ts';

/** Opens the control socket, which also locks the state directory. @throws ExitError */
export async function openControl(
  control: Pick<ControlServer, 'open'>,
  { state, controlGroup }: Pick<Config, 'state' | 'controlGroup'>,
): Promise<void> {
  try {
    for (const path of ownControlPaths(state, process.env.RUNTIME_DIRECTORY))
      await control.open(path, controlGroup);
  } catch (error) {
    throw new ExitError(exitStatusOf(error as NodeJS.ErrnoException), [(error as Error).message], error);
  }
}

/** Opens the listeners of the policy service. @param passed by systemd @throws ExitError */
export async function openListeners(
  service: PolicyService,
  { listen }: Pick<Config, 'listen'>,
  passed: readonly PassedDescriptor[],
  log: Pick<DaemonLog, 'report'>,
): Promise<void> {
  await passListeners(service, passed, log);
  try {
    const change = await service.prepare(listen);
    change.commit();
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    throw new ExitError(exitStatusOf(error), [error.message], error);
  }
  for (const address of service.addresses) log.report({ event: 'listening', address });
  logPassed(service, log);
  passConnections(service, passed, log);
}
