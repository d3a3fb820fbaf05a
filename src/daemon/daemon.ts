// The daemon: wires all parts together, starts, reloads and stops them. The only file with a clock.

import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { Blocks } from '../blocks/blocks.ts';
import { type Change, isAudited } from '../blocks/changes.ts';
import { needsGood } from '../blocks/terms.ts';
import type { Config } from '../config/config.ts';
import { hostNames } from '../config/host-names.ts';
import { termsOf } from '../config/terms.ts';
import type { ReloadAnswer } from '../desk/answers.ts';
import { ControlServer } from '../desk/control.ts';
import { Desk } from '../desk/desk.ts';
import { searchTrail } from '../desk/find/trail-search.ts';
import { Turns } from '../desk/find/turns.ts';
import { DeskError } from '../desk/protocol.ts';
import { Health, type HealthNews } from '../health/health.ts';
import type { StatusAnswer } from '../health/status.ts';
import { LogReader } from '../maillog/reader.ts';
import { MergedLog } from '../maillog/sources/merge.ts';
import { USUAL_LIMITS } from '../policy/connections.ts';
import { PolicyService } from '../policy/server.ts';
import type { Sharing } from '../sharing/sharing.ts';
import { type Bookmark, State } from '../state/state.ts';
import type { Bounded } from './bounds.ts';
import { Companions } from './companions/companions.ts';
import { Exports } from './companions/exports.ts';
import { Metrics } from './companions/metrics.ts';
import { Notices } from './companions/notices.ts';
import { type FigureParts, figuresOf } from './figures.ts';
import { boundHeap } from './heap.ts';
import { socketsAllowed } from './listeners/fd-limit.ts';
import { openControl, openListeners } from './listeners/opening.ts';
import { Reopener } from './listeners/reopener.ts';
import { DaemonLog } from './log/log.ts';
import { logChange, logHealth } from './log/log-reports.ts';
import { LogFollower } from './log-follower.ts';
import { loadPolicy } from './policy-file.ts';
import { RunningPolicy } from './running-policy.ts';
import { sharedDesk } from './sharing/shared-desk.ts';
import { type SharedHostsParts, SharingPolicy } from './sharing/sharing-policy.ts';
import { AuditTimer } from './state/audit-timer.ts';
import { type Continuation, type RestoredParts, readEarly, restore } from './state/restore.ts';
import { SnapshotTimer } from './state/snapshot-timer.ts';
import { type SystemdEnvironment, takeEnvironment } from './systemd/environment.ts';
import { ServiceManager } from './systemd/service-manager.ts';
import { stateText } from './systemd/state-text.ts';
import { Ticks } from './ticks.ts';
import { Traffic } from './traffic.ts';

/** ms that a running reload may take once the daemon is asked to stop */
const FINISH = 2000;

export class Daemon {
  readonly #version: string;
  readonly #clock = Date.now;
  readonly #log: DaemonLog;
  readonly #blocks: Blocks;
  readonly #reader = new LogReader();
  readonly #mergedLog = new MergedLog(
    (record, stamp, numbering) => this.#traffic.read(record, stamp, numbering),
    this.#clock,
  );
  readonly #health: Health;
  readonly #traffic: Traffic;
  readonly #limits = { connections: Math.min(USUAL_LIMITS.connections, socketsAllowed()) };
  readonly #service: PolicyService;
  readonly #state: State;
  readonly #control: ControlServer;
  readonly #auditTimer: AuditTimer;
  readonly #snapshotTimer: SnapshotTimer;
  readonly #reopener: Reopener;
  readonly #follower: LogFollower;
  readonly #parts: Bounded &
    RestoredParts &
    Omit<FigureParts, 'sharing' | 'isRestored'> &
    Omit<SharedHostsParts, 'applied'>;
  readonly #policy: RunningPolicy;
  readonly #desk: Desk;
  readonly #metrics: Metrics;
  readonly #companions: Companions;
  readonly #ticks: Ticks;
  readonly #systemd: SystemdEnvironment;
  readonly #manager: ServiceManager;
  readonly #sharingPolicy: SharingPolicy;
  /** until then, commands other than `status` are refused */
  #isRestored = false;
  #reloading: Promise<void> = Promise.resolve();

  private constructor(
    policyPath: string,
    version: string,
    config: Config,
    state: State,
    systemd: SystemdEnvironment,
  ) {
    this.#version = version;
    this.#systemd = systemd;
    this.#state = state;
    this.#log = new DaemonLog(config.log, this.#clock);
    this.#health = new Health(this.#reader, (news) => this.#reported(news), this.#clock());
    const terms = termsOf(config);
    this.#reader.readsGood = needsGood(terms);
    this.#blocks = new Blocks(terms, (change) => this.#changed(change));
    // Read for each record: without a listener, no event gets an identity.
    const listener = () => this.#sharing?.take;
    const counts = () => this.#metrics.counts;
    const traffic = {
      blocks: this.#blocks,
      reader: this.#reader,
      health: this.#health,
      log: this.#log,
      get onEvent() {
        return listener();
      },
      get counts() {
        return counts();
      },
    };
    this.#traffic = new Traffic(traffic, this.#clock);
    this.#service = new PolicyService(
      {
        answer: (request) => this.#traffic.answer(request),
        refused: (where, reason) =>
          this.#log.report({ event: 'policy-client-refused', listener: where, reason }),
        failed: (where, reason) => this.#log.report({ event: 'listener-failed', listener: where, reason }),
      },
      this.#limits,
    );
    this.#reader.texts.add(config.rules.map((rule) => rule.message));
    this.#desk = new Desk(this.#blocks, {
      flush: () => this.#state.flush(),
      history: (keys, most) => this.#state.history(keys, most),
      searchTrail: (search) => searchTrail(this.#state.trail, search),
      turns: new Turns(this.#clock, setImmediate),
      trouble: () => this.#health.troubles,
      shared: () => this.#sharing && sharedDesk(this.#sharing, this.#state),
    });
    this.#control = new ControlServer(
      async (request) => {
        if (request.command === 'status') return this.#status();
        if (!this.#isRestored)
          throw new DeskError('starting', 'the daemon is still reading its state: try again');
        if (request.command === 'reload') return await this.#answerReload();
        return await this.#desk.answer(request, this.#clock());
      },
      { failed: (reason) => this.#log.report({ event: 'control-failed', reason }) },
    );
    const parts = {
      state,
      log: this.#log,
      health: this.#health,
      blocks: this.#blocks,
      reader: this.#reader,
      mergedLog: this.#mergedLog,
      service: this.#service,
      control: this.#control,
    };
    this.#reopener = new Reopener(parts);
    this.#follower = new LogFollower({ ...parts, counted: counts }, this.#clock);
    this.#auditTimer = new AuditTimer(parts, this.#clock);
    const sharing = (bookmark: Bookmark) => this.#sharing?.bookmark(bookmark);
    this.#snapshotTimer = new SnapshotTimer({ ...parts, sharing }, this.#clock);
    const reloaded = { ...parts, follower: this.#follower, snapshotTimer: this.#snapshotTimer };
    this.#policy = new RunningPolicy(policyPath, config, reloaded, this.#clock);
    const all = {
      ...parts,
      version,
      traffic: this.#traffic,
      desk: this.#desk,
      policy: this.#policy,
      follower: this.#follower,
    };
    this.#parts = all;
    const fault = (where: string, error: unknown) => this.#traffic.fault(where, error);
    const exports = new Exports(parts, this.#clock, (error) => fault('exports', error));
    const notices = new Notices(parts, this.#clock);
    const shared = () => this.#sharing;
    this.#metrics = new Metrics({ ...all, snapshotTimer: this.#snapshotTimer, sharing: shared }, this.#clock);
    this.#companions = new Companions([this.#metrics, notices, exports], fault);
    const applied = (change: Change, host: string) => this.#changed(change, host);
    this.#sharingPolicy = new SharingPolicy({ ...all, applied }, this.#clock);
    const ticked = {
      ...all,
      limits: this.#limits,
      auditTimer: this.#auditTimer,
      reopener: this.#reopener,
      companions: this.#companions,
      sharing: shared,
      inTurn: (where: string, act: () => Promise<void>) => this.#inTurn(where, act),
    };
    this.#ticks = new Ticks(ticked, this.#clock);
    this.#manager = new ServiceManager(systemd, {
      text: () => stateText(this.#policy.config.rules.length, this.#blocks.table, this.#health.troubles),
      failed: (reason) => this.#log.report({ event: 'notify-failed', reason }),
    });
  }

  /**
   * Starts serving. The listeners open when the blocks have been read, so that the first reply is true; the counts follow
   * while verdicts are given. Until then Postfix cannot connect, and takes its default action
   * (smtpd_policy_service_default_action).
   *
   * @param signal ends the start while the state is being read; nothing has changed on disk then
   * @throws ExitError with the exit code, and lines that say why; the reason of `signal`
   */
  static async start(policyPath: string, version: string, signal: AbortSignal): Promise<Daemon> {
    boundHeap();
    const systemd = takeEnvironment(process.env, process.pid);
    const config = await loadPolicy(policyPath);
    const daemon = new Daemon(policyPath, version, config, await State.open(config.state), systemd);
    try {
      await daemon.#start(signal);
    } catch (error) {
      // A socket file that stays behind looks like a daemon that does not answer.
      daemon.#control.close();
      if (signal.aborted) daemon.#manager.stopping();
      await daemon.#service.close(daemon.#manager.keep);
      await daemon.#manager.end();
      if (signal.aborted) daemon.#log.report({ event: 'stop' });
      throw error;
    }
    return daemon;
  }

  async #start(signal: AbortSignal): Promise<void> {
    const { state } = this.#policy.config;
    const { exposure } = this.#state;
    this.#log.report({
      event: 'start',
      version: this.#version,
      policy: this.#policy.path,
      state,
      pid: process.pid,
    });
    this.#manager.start();
    if (process.getuid?.() === 0)
      this.#log.report({ event: 'running-as-root', advice: 'run it as a user that can read the mail log' });
    if (exposure !== undefined) this.#log.report({ event: 'state-exposed', state, reason: exposure });
    void hostNames().then((names) => this.#health.wiring.know(names));
    await openControl(this.#control, this.#policy.config);
    const { positions, isCurrent, bookmark } = await this.#restore(signal);
    await this.#companions.adopt(this.#policy.config);
    await this.#sharingPolicy.open();
    await this.#follower.start(this.#policy.config, positions);
    this.#sharing?.start(bookmark?.sharing, bookmark ?? this.#snapshotTimer.bookmark);
    // After a crash, the positions must be known. The snapshot that was read has those of continued sources.
    if (!isCurrent || !this.#mergedLog.isContinued) await this.snapshot();
    this.#ticks.start();
    this.#snapshotTimer.schedule(this.#policy.config.snapshotEvery);
    this.#log.report({
      event: 'ready',
      rules: this.#policy.config.rules.length,
      tracked: this.#blocks.table.size,
    });
    this.#manager.ready();
  }

  /** Reads the state, and opens the listeners as soon as the blocks are known. */
  async #restore(signal: AbortSignal): Promise<Continuation> {
    const { config } = this.#policy;
    const early = await readEarly(this.#parts, config, this.#clock());
    this.#traffic.early = early;
    const open = () => openListeners(this.#service, config, this.#systemd.descriptors, this.#log);
    if (early !== undefined) await open();
    const continuation = await restore(this.#parts, config, this.#clock(), signal);
    this.#traffic.early = undefined;
    this.#isRestored = true;
    if (early === undefined) await open();
    return continuation;
  }

  /** Reads policy.yml again: build, then commit. A policy with mistakes changes nothing. Never throws. */
  reload(): Promise<void> {
    this.#manager.reloading();
    return this.#inTurn('reload', async () => {
      if (!(await this.#policy.reload())) return;
      await this.#sharingPolicy.adopt(() => this.#snapshotTimer.bookmark);
      await this.#companions.adopt(this.#policy.config);
    }).then(() => this.#manager.ready());
  }

  async #answerReload(): Promise<ReloadAnswer> {
    await this.reload();
    return { mistakes: this.#health.reloads.mistakes };
  }

  get #sharing(): Sharing | undefined {
    return this.#sharingPolicy.sharing;
  }

  #inTurn(where: string, act: () => Promise<void>): Promise<void> {
    this.#reloading = this.#reloading.then(act).catch((error) => this.#traffic.fault(where, error));
    return this.#reloading;
  }

  /** Writes a snapshot of the current state. Never throws. */
  snapshot(): Promise<void> {
    return this.#snapshotTimer.save();
  }

  /**
   * Writes everything, answers unfinished requests, and ends. The listeners close last: the shorter no process accepts
   * connections, the fewer clients wait. systemd keeps the connections for the next process, where it can.
   */
  async stop(): Promise<void> {
    this.#manager.stopping();
    this.#ticks.stop();
    this.#snapshotTimer.unschedule();
    this.#auditTimer.unschedule();
    await Promise.race([this.#reloading, delay(FINISH)]);
    this.#snapshotTimer.abort();
    this.#control.close();
    await Promise.all([this.#mergedLog.stop(), this.#sharing?.stop()]);
    await this.#companions.stop();
    await this.#snapshotTimer.saveLast();
    await this.#service.close(this.#manager.keep);
    this.#log.report({ event: 'stop' });
    await this.#manager.end();
    await this.#log.close();
  }

  /** Logs an error that no other part of the daemon caught. */
  caught(error: unknown): void {
    this.#traffic.fault('uncaught', error);
  }

  /** @param host that made the change; undefined for this one */
  #changed(change: Change, host?: string): void {
    this.#state.note(change, this.#clock(), host);
    this.#auditTimer.schedule();
    if (host === undefined && isAudited(change)) this.#sharing?.changed(change);
    logChange(this.#log, change, host);
    this.#health.senders.changed(change);
    if (change.type === 'allow' || change.type === 'disallow') this.#health.wiring.changed(this.#clock());
    // A `status` that follows `resume` must know it.
    if (change.type === 'breaker' && change.state === 'closed')
      this.#health.senders.look(this.#blocks, this.#clock());
    this.#control.report(change);
    this.#companions.changed(change, host);
  }

  #reported(news: HealthNews): void {
    logHealth(this.#log, news);
    this.#companions.reported(news);
  }

  #status(): StatusAnswer {
    const now = this.#clock();
    return this.#health.status(
      this.#mergedLog,
      figuresOf({ ...this.#parts, sharing: this.#sharing, isRestored: this.#isRestored }, this.#version, now),
      now,
    );
  }
}
