// postblock serve: runs the daemon in the foreground until a signal ends it.

import type { Daemon } from '../daemon/daemon.ts';
import type { Call } from './reference/table.ts';
import { version } from './release.ts';

export async function serve({ policy }: Call<'serve'>): Promise<void> {
  const stopping = new AbortController();
  const starting = import('../daemon/daemon.ts').then((module) =>
    module.Daemon.start(policy, version(), stopping.signal),
  );
  const onStarted = (act: (daemon: Daemon) => unknown) => starting.then(act, () => undefined);
  // From the first moment on, so that no signal meets its default, which is to end the process.
  process.on('SIGHUP', () => onStarted((daemon) => daemon.reload()));
  process.on('SIGUSR1', () => onStarted((daemon) => daemon.snapshot()));
  const stopped = new Promise((stop) => process.on('SIGTERM', stop).on('SIGINT', stop));
  void stopped.then(() => stopping.abort());
  const daemon = await starting.catch((error) => {
    if (error !== stopping.signal.reason) throw error;
  });
  if (daemon === undefined) return;
  // What no part of the daemon caught: mail goes on, and the log says it.
  process.on('uncaughtException', (error) => daemon.caught(error));
  process.on('unhandledRejection', (error) => daemon.caught(error));
  await stopped;
  await daemon.stop();
}
