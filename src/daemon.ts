// The only wiring: starts the rivers and the lake, reloads them, and stops them. The one place with a clock.

import { join } from 'node:path';
import { AllowList } from './blocks/allow.ts';
import { Blocks } from './blocks/blocks.ts';
import type { Change } from './blocks/changes.ts';
import { durationText } from './blocks/duration.ts';
import { RuleSet } from './blocks/rules.ts';
import type { Terms } from './blocks/terms.ts';
import type { Config } from './config/config.ts';
import { loadConfig } from './config/load.ts';
import { EXIT, ExitError } from './exit.ts';
import { Health } from './health.ts';
import { checkLogFile, DaemonLog } from './log.ts';
import { LogReader } from './maillog/reader.ts';
import type { LogRecord } from './maillog/record.ts';
import { LogRiver } from './maillog/river.ts';
import { MOST_SESSIONS } from './maillog/sessions.ts';
import { isPosition, type Position } from './maillog/source.ts';
import { openSources } from './maillog/sources.ts';
import { tellChange, tellHealth, tellNotice } from './narration.ts';
import { socketsAllowed } from './open-files.ts';
import { USUAL_LIMITS } from './policy/connections.ts';
import type { PolicyRequest } from './policy/request.ts';
import { ListenError, PolicyService } from './policy/server.ts';
import { DUNNO, verdict } from './policy/verdict.ts';
import { State } from './state.ts';
import type { StatusAnswer } from './support/answers.ts';
import { ControlServer } from './support/control.ts';
import { Desk } from './support/desk.ts';

/** ms in which changes gather for one write to the audit trail */
const FLUSH = 50;
/** ms between looks at blocks whose time is over, counts to forget, and audit lines to write */
const TICK = 1000;

export class Daemon {
  readonly #policyPath: string;
  readonly #version: string;
  readonly #clock = Date.now;
  readonly #log: DaemonLog;
  readonly #blocks: Blocks;
  readonly #reader = new LogReader();
  readonly #river = new LogRiver((record) => this.#read(record), this.#clock);
  readonly #health: Health;
  readonly #limits = { connections: Math.min(USUAL_LIMITS.connections, socketsAllowed()) };
  readonly #service: PolicyService;
  readonly #state: State;
  readonly #control: ControlServer;
  readonly #stopping = new AbortController();
  #config: Config;
  #ticks: NodeJS.Timeout | undefined;
  #snapshots: NodeJS.Timeout | undefined;
  #flushes: NodeJS.Timeout | undefined;
  #reloading: Promise<void> = Promise.resolve();
  #saving: Promise<void> | undefined;
  #savingNext: Promise<void> | undefined;
  #auditDropped = 0;

  private constructor(policyPath: string, version: string, config: Config, state: State) {
    this.#policyPath = policyPath;
    this.#version = version;
    this.#config = config;
    this.#state = state;
    this.#log = new DaemonLog(config.log, this.#clock);
    this.#health = new Health(this.#reader, (news) => tellHealth(this.#log, news), this.#clock());
    this.#blocks = new Blocks(termsOf(config), (change) => this.#changed(change));
    this.#service = new PolicyService(
      {
        answer: (request) => this.#answer(request),
        refused: (where, reason) => this.#log.limited('policy-client-refused', { listener: where, reason }),
        failed: (where, reason) => this.#log.error('listener-failed', { listener: where, reason }),
      },
      this.#limits,
    );
    this.#reader.texts.add(config.rules.map((rule) => rule.message));
    const desk = new Desk(this.#blocks, {
      flush: () => this.#state.flush(),
      history: (keys, most) => this.#state.history(keys, most),
      trouble: () => this.#health.troubles,
    });
    this.#control = new ControlServer(
      async (request) =>
        request.command === 'status' ? this.#status() : await desk.answer(request, this.#clock()),
      { failed: (reason) => this.#log.limited('control-failed', { reason }) },
    );
  }

  /**
   * Starts serving. The listeners open when the snapshot has been read, so that the first answer is a true
   * one; until then Postfix is refused at once, and takes its default action.
   *
   * @throws ExitError with the exit code and plain lines that say why
   */
  static async start(policyPath: string, version: string): Promise<Daemon> {
    const config = await loadConfig(policyPath);
    checkLog(config);
    const daemon = new Daemon(policyPath, version, config, await State.open(config.state));
    await daemon.#start();
    return daemon;
  }

  async #start(): Promise<void> {
    this.#log.info('start', {
      version: this.#version,
      policy: this.#policyPath,
      state: this.#config.state,
      pid: process.pid,
    });
    if (process.getuid?.() === 0)
      this.#log.warn('running-as-root', { advice: 'a user that may read the mail log is enough' });
    if (this.#state.exposure !== undefined)
      this.#log.warn('state-exposed', { state: this.#config.state, reason: this.#state.exposure });
    await this.#openControl();
    const positions = await this.#restore();
    await this.#listen();
    await this.#river.start(await this.#sources(), positions);
    await this.snapshot();
    this.#ticks = setInterval(() => this.#tick(), TICK);
    this.#schedule();
    this.#log.info('ready', { rules: this.#config.rules.length, tracked: this.#blocks.table.size });
  }

  /** Reads policy.yml again: build, then commit. A policy with mistakes changes nothing. Never throws. */
  reload(): Promise<void> {
    this.#reloading = this.#reloading
      .then(() => this.#reload())
      .catch((error) => this.#fault('reload', error));
    return this.#reloading;
  }

  /** Writes a snapshot of what is now; asked for while one is being written, another one after it. Never throws. */
  snapshot(): Promise<void> {
    if (this.#saving === undefined) {
      this.#saving = this.#save().finally(() => {
        this.#saving = undefined;
      });
      return this.#saving;
    }
    this.#savingNext ??= this.#saving.then(() => {
      this.#savingNext = undefined;
      return this.snapshot();
    });
    return this.#savingNext;
  }

  async #save(): Promise<void> {
    const now = this.#clock();
    try {
      const tracked = await this.#state.save(this.#blocks, this.#bookmark(), now, this.#stopping.signal);
      // Whoever removed the state directory removed it too.
      if (!this.#stopping.signal.aborted) await this.#control.reopen();
      this.#log.debug('snapshot', { tracked, ms: this.#clock() - now });
      this.#health.snapshot(undefined, now);
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#health.snapshot((error as Error).message, now);
    }
  }

  /** No new connections, requests in hand answered, everything written. */
  async stop(): Promise<void> {
    clearInterval(this.#ticks);
    clearTimeout(this.#snapshots);
    clearTimeout(this.#flushes);
    await this.#reloading;
    this.#stopping.abort();
    this.#control.close();
    await Promise.all([this.#service.close(), this.#river.stop()]);
    await this.#saveLast();
    this.#log.info('stop');
    await this.#log.close();
  }

  /** Trouble inside is a line in the log; mail goes on. */
  #fault(where: string, error: unknown): void {
    this.#health.fault();
    this.#log.limited('fault', {
      where,
      reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }

  /** For what no part of the daemon caught. */
  caught(error: unknown): void {
    this.#fault('uncaught', error);
  }

  #answer(request: PolicyRequest): string {
    try {
      const reply = verdict(request, this.#blocks, this.#clock());
      this.#health.answered(request, reply);
      return reply;
    } catch (error) {
      this.#fault('verdict', error);
      return DUNNO;
    }
  }

  #read(record: LogRecord): void {
    try {
      const fact = this.#reader.read(record, (event) => {
        this.#health.event();
        this.#blocks.take(event, this.#clock());
      });
      this.#health.read(record, fact);
    } catch (error) {
      this.#fault('log reader', error);
    }
  }

  #changed(change: Change): void {
    if (!this.#state.note(change, this.#clock())) return;
    this.#flushes ??= setTimeout(() => this.#flushAudit(), FLUSH);
    tellChange(this.#log, change);
    this.#control.tell(change);
  }

  #tick(): void {
    try {
      this.#blocks.expire(this.#clock());
      this.#blocks.forget(this.#river.time);
      this.#tellBounds();
      this.#log.tellSuppressed();
      this.#health.look(this.#river, this.#clock());
      if (this.#river.isAtEnd) this.#state.settle();
    } catch (error) {
      this.#fault('tick', error);
    }
    this.#flushAudit();
  }

  #flushAudit(): void {
    clearTimeout(this.#flushes);
    this.#flushes = undefined;
    this.#state.flush().then(
      () => this.#health.audit(undefined, this.#clock()),
      (error: Error) => this.#health.audit(error.message, this.#clock()),
    );
    const lost = this.#state.auditDropped - this.#auditDropped;
    this.#auditDropped += lost;
    if (lost > 0) this.#log.limited('audit-lines-lost', { lines: lost });
  }

  /** What an attacker has filled is said once, and once more when it is over. */
  #tellBounds(): void {
    const { maxTracked } = this.#config;
    this.#log.ongoing('max-tracked-reached', this.#blocks.table.forgotten, { max: maxTracked });
    this.#log.ongoing('policy-connections-reached', this.#service.letGo, { max: this.#limits.connections });
    this.#log.ongoing('log-ahead', this.#river.ahead, { advice: 'the log is stamped by another clock' });
    this.#log.ongoing('sessions-reached', this.#reader.sessions.letGo, { max: MOST_SESSIONS });
  }

  async #reload(): Promise<void> {
    const config = await this.#loadAgain();
    if (config === undefined) return;
    const change = await this.#service
      .prepare(config.listen)
      .catch((error: Error) => this.#refuseReload([error.message]));
    if (change === undefined) return;
    change.commit();
    if (config.state !== this.#config.state) {
      this.#log.warn('state-unchanged', { reason: 'another state directory takes effect at the next start' });
    }
    const isSameLog = JSON.stringify(config.maillog) === JSON.stringify(this.#config.maillog);
    this.#config = config;
    this.#log.configure(config.log);
    this.#reader.texts.add(config.rules.map((rule) => rule.message));
    this.#blocks.adopt(termsOf(config), this.#clock());
    this.#schedule();
    if (!isSameLog) await this.#followAnew();
    this.#log.info('reload', { rules: config.rules.length, listening: this.#service.addresses.join(',') });
  }

  async #loadAgain(): Promise<Config | undefined> {
    try {
      const config = await loadConfig(this.#policyPath);
      checkLog(config);
      return config;
    } catch (error) {
      // The file of the running policy is reopened all the same: logrotate sent the signal.
      this.#log.configure(this.#config.log);
      return this.#refuseReload(error instanceof ExitError ? error.lines : [(error as Error).message]);
    }
  }

  #refuseReload(lines: readonly string[]): undefined {
    for (const line of lines) this.#log.error('policy-mistake', { mistake: line });
    this.#log.error('reload-refused', { mistakes: lines.length, policy: 'the running policy stays' });
  }

  async #followAnew(): Promise<void> {
    await this.#river.stop();
    await this.#river.start(await this.#sources(), this.#river.positions);
  }

  async #listen(): Promise<void> {
    try {
      const change = await this.#service.prepare(this.#config.listen);
      change.commit();
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      throw new ExitError(statusOf(error), [error.message], error);
    }
    for (const address of this.#service.addresses) this.#log.info('listening', { address });
  }

  /** The control socket is the lock of the state directory too: two daemons with one state would ruin it. */
  async #openControl(): Promise<void> {
    const { state, controlGroup } = this.#config;
    try {
      await this.#control.open(join(state, 'control.sock'), controlGroup);
    } catch (error) {
      throw new ExitError(statusOf(error as NodeJS.ErrnoException), [(error as Error).message], error);
    }
  }

  async #restore(): Promise<readonly Position[]> {
    const now = this.#clock();
    const restored = await this.#state.restore(this.#blocks, now);
    if (restored.outcome === 'set-aside') {
      this.#log.error('snapshot-set-aside', { name: restored.name, reason: restored.reason });
    }
    const { trailSetAside, auditTrouble } = this.#state;
    if (trailSetAside !== undefined) this.#log.error('audit-set-aside', { name: trailSetAside });
    if (auditTrouble !== undefined) this.#log.error('audit-failed', { reason: auditTrouble });
    if (restored.outcome !== 'restored') return [];
    const { bookmark, written } = restored;
    this.#health.restored(written);
    this.#reader.texts.add([...bookmark.texts, ...this.#config.rules.map((rule) => rule.message)]);
    this.#reader.sessions.restore(bookmark.sessions);
    // The policy may have changed while the daemon was down.
    this.#blocks.adopt(termsOf(this.#config), now);
    const age = durationText(now - Date.parse(written));
    this.#log.info('snapshot-read', {
      tracked: this.#blocks.table.size,
      blocks: this.#blocks.table.held,
      age,
    });
    return bookmark.log.filter(isPosition);
  }

  async #sources() {
    const sources = await openSources(this.#config.maillog, (notice) => {
      tellNotice(this.#log, notice);
      this.#health.notice(notice, this.#clock());
    });
    for (const { name } of sources) this.#log.info('log-source', { source: name });
    this.#health.follows(
      sources.map(({ name }) => name),
      this.#clock(),
    );
    return sources;
  }

  #status(): StatusAnswer {
    const { size: tracked, held: blocks, forgotten } = this.#blocks.table;
    const { addresses: listening, connections } = this.#service;
    const audit = { lost: this.#state.auditDropped };
    const figures = { release: this.#version, pid: process.pid, policy: { listening, connections }, audit };
    return this.#health.status(this.#river, { ...figures, tracked, blocks, forgotten }, this.#clock());
  }

  #bookmark() {
    const { texts, sessions } = this.#reader;
    return { log: this.#river.positions, sessions: sessions.state, texts: texts.texts };
  }

  #schedule(): void {
    clearTimeout(this.#snapshots);
    this.#snapshots = setTimeout(async () => {
      await this.snapshot();
      if (!this.#stopping.signal.aborted) this.#schedule();
    }, this.#config.snapshotEvery);
  }

  async #saveLast(): Promise<void> {
    // The one that was being written when the stop came gives up.
    await this.#saving;
    await this.#state
      .save(this.#blocks, this.#bookmark(), this.#clock())
      .catch((error: Error) => this.#log.error('snapshot-failed', { reason: error.message }));
  }
}

function checkLog({ log }: Config): void {
  try {
    checkLogFile(log);
  } catch (error) {
    throw new ExitError(EXIT.io, [`the log file cannot be opened: ${(error as Error).message}`], error);
  }
}

function termsOf(config: Config): Terms {
  const { ipv6Prefix, maxTracked } = config;
  const allow = new AllowList(config.allow);
  return { rules: new RuleSet(config.rules), allow, ipv6Prefix, maxTracked };
}

function statusOf(error: { readonly code?: string | undefined }): number {
  if (error.code === 'EACCES' || error.code === 'EPERM') return EXIT.permission;
  return error.code === 'ENOENT' ? EXIT.config : EXIT.unavailable;
}
