// The front of the daemon: its log, the control socket and the policy service, which open before its parts are loaded.

import type { Config } from '../../config/config.ts';
import { ControlServer } from '../../desk/control.ts';
import type { ControlRequest } from '../../desk/protocol.ts';
import { USUAL_LIMITS } from '../../policy/connections.ts';
import { PolicyService } from '../../policy/server.ts';
import { openDirectory } from '../../state/directory.ts';
import { DaemonLog } from '../log/log.ts';
import { readEarly } from '../state/early.ts';
import type { SystemdEnvironment } from '../systemd/environment.ts';
import { socketsAllowed } from './fd-limit.ts';
import { openControl, openListeners } from './opening.ts';
import { Replies } from './replies.ts';

/** Answers requests on the control socket. */
interface Commands {
  answer(request: ControlRequest): Promise<unknown>;
}

export class Front {
  readonly log: DaemonLog;
  readonly replies: Replies;
  readonly room = { connections: Math.min(USUAL_LIMITS.connections, socketsAllowed()) };
  readonly service: PolicyService;
  readonly control: ControlServer;
  readonly systemd: SystemdEnvironment;
  readonly #config: Config;
  readonly #clock: () => number;
  #isOpen = false;
  #startLog: () => void = () => undefined;
  #attend: (commands: Commands) => void = () => undefined;
  readonly #commands = new Promise<Commands>((resolve) => {
    this.#attend = resolve;
  });

  /** @param clock ms since 1970 */
  constructor(config: Config, systemd: SystemdEnvironment, clock: () => number) {
    this.#config = config;
    this.#clock = clock;
    this.systemd = systemd;
    const log = new DaemonLog(
      config.log,
      clock,
      new Promise((resolve) => {
        this.#startLog = resolve;
      }),
    );
    this.log = log;
    this.replies = new Replies(log, clock);
    this.service = new PolicyService(
      {
        answer: (request) => this.replies.answer(request),
        refused: (listener, reason) => log.report({ event: 'policy-client-refused', listener, reason }),
        failed: (listener, reason) => log.report({ event: 'listener-failed', listener, reason }),
      },
      this.room,
    );
    this.control = new ControlServer(async (request) => await (await this.#commands).answer(request), {
      failed: (reason) => log.report({ event: 'control-failed', reason }),
    });
  }

  /**
   * Opens the state directory, the control socket, and the listeners where the blocks of the snapshot can be relied on
   * without its counts: the first reply is true. Until then Postfix cannot connect, and takes its default action
   * (smtpd_policy_service_default_action).
   *
   * @throws ExitError; nothing is open then
   */
  async open(policyPath: string, version: string): Promise<void> {
    try {
      await this.#open(policyPath, version);
    } catch (error) {
      // A socket file that stays behind looks like a daemon that does not answer.
      this.control.close();
      await this.service.close();
      this.#startLog();
      await this.log.close();
      throw error;
    }
    this.#startLog();
  }

  async #open(policyPath: string, version: string): Promise<void> {
    const { state } = this.#config;
    const exposure = await openDirectory(state);
    this.log.report({ event: 'start', version, policy: policyPath, state, pid: process.pid });
    reportExposure(this.log, state, exposure);
    await openControl(this.control, this.#config);
    const early = await readEarly(this.log, this.#config, this.#clock());
    if (early === undefined) return;
    this.replies.blocks = early;
    await this.openListeners();
  }

  /** Opens the listeners where they are not open yet. @throws ExitError */
  async openListeners(): Promise<void> {
    if (this.#isOpen) return;
    this.#isOpen = true;
    await openListeners(this.service, this.#config, this.systemd.descriptors, this.log);
  }

  /** Requests on the control socket, which have waited, are answered from now on. */
  attend(commands: Commands): void {
    this.#attend(commands);
  }
}

/** Warns of what others could do to the daemon, or through it. */
function reportExposure(log: DaemonLog, state: string, exposure: string | undefined): void {
  if (process.getuid?.() === 0)
    log.report({ event: 'running-as-root', advice: 'run it as a user that can read the mail log' });
  if (exposure !== undefined) log.report({ event: 'state-exposed', state, reason: exposure });
}
