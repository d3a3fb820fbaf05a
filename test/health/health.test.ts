// The daemon's health: its figures, the texts of its troubles, and the stress of Postfix.

import { expect } from 'chai';
import { Health, type HealthNews, type LogProgress } from '../../src/health/health.ts';
import { LogReader } from '../../src/maillog/reader.ts';
import { StampReader } from '../../src/maillog/syslog/stamp.ts';
import { DUNNO } from '../../src/policy/verdict.ts';
import { HOUR, SECOND } from '../../src/values/duration.ts';
import { line, START } from '../maillog/log.ts';
import { parseLine } from '../maillog/parse-line.ts';

const STRESSED =
  'warning: service "smtp" (25) has reached its process limit "100": new clients may experience noticeable delays';
const FIGURES = {
  release: '1.0.0',
  starting: false,
  pid: 4711,
  policy: { listening: ['inet:127.0.0.1:10040'], connections: 2 },
  audit: { lost: 0 },
  tracked: 3,
  blocks: 1,
  forgotten: 0,
  spared: 0,
  breakerSince: null,
  sharing: null,
};

/** A daemon's health, with a log that is read line by line. */
class Patient {
  readonly news: HealthNews[] = [];
  readonly kinds: string[] = [];
  readonly reader = new LogReader();
  readonly health = new Health(this.reader, (news) => this.news.push(news), START);
  readonly #stamps = new StampReader();
  #reading: LogProgress = { positions: [], time: 0, isAtEnd: false };

  constructor() {
    this.health.log.follows(['/var/log/mail.log'], START);
  }

  read(message: string, program = 'smtpd', second = 0, pid = 101): this {
    const record = parseLine(line(message, program, pid, second), this.#stamps, START);
    if (record === undefined) throw new Error(`no record: ${message}`);
    const fact = this.reader.read(record, (event) => {
      this.kinds.push(event.kind);
      this.health.event();
    });
    this.health.read(record, fact, { stamp: record.at, source: '/var/log/mail.log' });
    return this.to(second);
  }

  /** A line of a source is read. @param stamp ms since 1970 */
  line(stamp: number, source: string): this {
    const record = { at: stamp, program: 'smtpd', process: 'mx postfix/smtpd[1', message: '' } as const;
    this.health.read(record, undefined, { stamp, source });
    return this;
  }

  /** Reads a message of rsyslogd. */
  lose(message: string): this {
    const record = { at: START, program: 'rsyslogd', process: 'mx rsyslogd', message } as const;
    const fact = this.reader.read(record, () => undefined);
    this.health.read(record, fact, { stamp: START, source: '/var/log/mail.log' });
    return this;
  }

  /** The log has been read to its end, at this second. */
  to(second: number): this {
    this.#reading = { positions: [], time: START + second * SECOND, isAtEnd: true };
    return this;
  }

  look(second: number): this {
    this.health.look(this.#reading, START + second * SECOND);
    return this;
  }

  dropped(second: number, pid = 101): this {
    for (const message of ['connect from', 'too many errors after RCPT from', 'disconnect from'])
      this.read(`${message} a[192.0.2.1]`, 'smtpd', second, pid);
    return this;
  }

  get types(): string[] {
    return this.news.map((news) =>
      news.type === 'trouble' ? `${news.trouble.what} ${news.stage}` : news.type,
    );
  }

  status(second: number) {
    return this.health.status(this.#reading, FIGURES, START + second * SECOND);
  }
}

function request(instance: string) {
  return { clientAddress: '192.0.2.1', clientName: 'unknown', instance };
}

describe('health/health: stress', () => {
  it('is reported once at its start, with its end, and once at its end, with the drops that were not counted', () => {
    const patient = new Patient().dropped(0).read(STRESSED, 'master', 10).look(10);
    patient.dropped(20).dropped(30).read(STRESSED, 'master', 1000).look(1000).dropped(2900);
    patient.to(2999).look(2999).to(3000).look(3000).look(3001);
    expect(patient.news).to.deep.equal([
      { type: 'stress-began', until: new Date(START + 2010 * SECOND).toISOString() },
      { type: 'stress-over', drops: 3 },
    ]);
    expect(patient.kinds).to.deep.equal(['dropped-connection']);
    patient.dropped(3001);
    expect(patient.kinds).to.have.length(2);
  });

  it('that comes again reports the drops of each time separately', () => {
    const patient = new Patient().read(STRESSED, 'master', 10).look(10);
    patient.dropped(20).dropped(30).dropped(40).to(2010).look(2010);
    patient.read(STRESSED, 'master', 3000).look(3000).dropped(3010).dropped(3020).to(5000).look(5000);
    patient.read(STRESSED, 'master', 6000).look(6000).to(8000).look(8000);
    const drops = patient.news.map((news) => (news.type === 'stress-over' ? news.drops : news.type));
    expect(drops).to.deep.equal(['stress-began', 3, 'stress-began', 2, 'stress-began', 0]);
  });

  it('is not a trouble of the daemon, and is in the status while it lasts', () => {
    const patient = new Patient().read(STRESSED, 'master', 10).look(10);
    expect(patient.status(10)).to.include({ stressUntil: new Date(START + 2010 * SECOND).toISOString() });
    expect(patient.status(10).trouble).to.deep.equal([]);
    expect(patient.to(2010).look(2010).status(2010).stressUntil).to.equal(null);
  });

  it('of the snapshot is reported after a restart, once the log is read, unless it has ended', () => {
    const stressed = new Patient();
    stressed.reader.sessions.restore({ open: [], stressUntil: START + 1000 * SECOND });
    expect(stressed.look(0).types).to.deep.equal([]);
    expect(stressed.to(1).look(1).types).to.deep.equal(['stress-began']);
    const past = new Patient();
    past.reader.sessions.restore({ open: [], stressUntil: START - SECOND });
    expect(past.look(0).to(1).look(1).types).to.deep.equal([]);
  });

  it('of a damaged snapshot with an impossible end breaks nothing', () => {
    const patient = new Patient();
    patient.reader.sessions.restore({ open: [], stressUntil: 1e300 });
    patient.to(1).look(1);
    expect(patient.types).to.deep.equal(['stress-began']);
    expect(patient.status(1).stressUntil).to.equal(null);
  });
});

describe('health/health: troubles', () => {
  it('report that blocks end early to make room, and do not end with each block that ends', () => {
    const patient = new Patient();
    const blocked = (weight: number, second: number) =>
      patient.health.parts.blocked(weight, 8000, START + second * SECOND);
    blocked(6999, 0);
    expect(patient.health.troubles).to.deep.equal([]);
    blocked(7000, 1);
    expect(patient.health.troubles[0]?.reason).to.match(
      /^blocked clients fill their part of max-tracked \(8000\): .*; raise max-tracked$/,
    );
    for (const weight of [6999, 7000, 6700]) blocked(weight, 2);
    expect(patient.types).to.deep.equal(['max-blocked-reached began']);
    blocked(6600, 3);
    expect(patient.types).to.deep.equal(['max-blocked-reached began', 'max-blocked-reached over']);
  });

  it('state what is wrong with the log, and which log it is', () => {
    const patient = new Patient().to(0).look(0);
    for (let i = 0; i < 10; i++) patient.health.answered(request(`1.2.3.${i}`), DUNNO);
    for (let second = 1; second <= 61; second++) patient.to(second).look(second);
    const [trouble] = patient.health.troubles;
    expect(trouble).to.include({ what: 'log-silent' });
    expect(trouble?.reason).to.match(
      /^nothing is counted: Postfix asked about 10 messages or more, but for 1m( 1s)? \/var\/log\/mail\.log had no new line$/,
    );
    patient.read('connect from a[192.0.2.1]', 'smtpd', 62).look(62);
    expect(patient.types).to.deep.equal(['log-silent began', 'log-silent over']);
    expect(patient.health.troubles).to.deep.equal([]);
  });

  it('state how late which log is, and which zone explains it, until it is no longer followed', () => {
    const utc = { offsetAt: () => -HOUR };
    const patient = new Patient();
    patient.health.log.follows(['/var/log/mail.log', '/var/log/other.log'], START, utc);
    for (let second = 0; second <= 120; second++) {
      const stamp = START + second * SECOND;
      patient
        .line(stamp, '/var/log/mail.log')
        .line(stamp - 2 * HOUR, '/var/log/other.log')
        .look(second);
    }
    const [trouble, ...others] = patient.health.troubles;
    expect(others).to.deep.equal([]);
    expect(trouble).to.include({ what: 'log-late' });
    expect(trouble?.reason).to.equal(
      '/var/log/other.log is 2h behind the clock, and does not catch up; if its stamps have no zone, they are of another one: set zone: in policy.yml to the one whose clocks are at UTC-03:00 now',
    );
    patient.health.log.follows(['/var/log/mail.log'], START);
    patient.look(121);
    expect(patient.types).to.deep.equal(['log-late began', 'log-late over']);
  });

  it('report lines that rsyslogd drops for an hour after its last report, and how many', () => {
    const patient = new Patient().look(0);
    const lost = 'imjournal: 7 messages lost due to rate-limiting';
    patient.lose(lost).look(10).look(3000).lose(lost).look(3001).look(6600);
    expect(patient.health.troubles[0]?.reason).to.equal(
      "lines of Postfix are missing and not counted: rsyslogd's imjournal dropped 14 since the start; set $imjournalRatelimitInterval 0 in rsyslog.conf",
    );
    expect(patient.look(6601).types).to.deep.equal([
      'log-lines-lost began',
      'log-lines-lost lasts',
      'log-lines-lost over',
    ]);
    expect(patient.status(6601).log).to.include({ lost: 14, lines: 0 });
  });

  it('report a source that is lost until it is found', () => {
    const patient = new Patient();
    const lost = { type: 'lost', source: '/var/log/mail.log', reason: 'ENOENT' } as const;
    patient.health.log.notice(lost, START);
    expect(patient.status(0).trouble[0]?.reason).to.contain('/var/log/mail.log').and.to.contain('ENOENT');
    patient.health.log.notice({ type: 'found', source: '/var/log/mail.log' }, START);
    expect(patient.status(0).trouble).to.deep.equal([]);
  });

  it('end for a lost source that is no longer followed', () => {
    const patient = new Patient();
    patient.health.log.notice({ type: 'lost', source: '/var/log/mail.log', reason: 'ENOENT' }, START);
    patient.health.log.follows(['journal'], START);
    expect(patient.status(0)).to.have.nested.property('log.sources').that.deep.equals(['journal']);
    expect(patient.status(0).trouble).to.deep.equal([]);
  });

  it('report a snapshot and a trail that cannot be written, and the last snapshot that could', () => {
    const patient = new Patient();
    patient.health.parts.snapshot(undefined, START);
    patient.health.parts.snapshot('ENOSPC', START + SECOND);
    patient.health.parts.audit('EROFS', START + SECOND);
    patient.health.parts.audit('EROFS', START + 2 * SECOND);
    const { snapshot, audit, trouble } = patient.status(3);
    expect(snapshot).to.deep.equal({ written: new Date(START).toISOString(), failed: 'ENOSPC' });
    expect(audit).to.deep.equal({ lost: 0, failed: 'EROFS' });
    expect(trouble.map(({ what }) => what)).to.deep.equal(['snapshot-failed', 'audit-failed']);
    patient.health.parts.snapshot(undefined, START + 4 * SECOND);
    patient.health.parts.audit(undefined, START + 4 * SECOND);
    expect(patient.types).to.deep.equal([
      'snapshot-failed began',
      'audit-failed began',
      'snapshot-failed over',
      'audit-failed over',
    ]);
  });
});

describe('health/health: figures', () => {
  it('count lines, what was understood, events, and answers by their kind', () => {
    const patient = new Patient().dropped(1);
    patient.read('warning: hostname a does not resolve to address 192.0.2.1', 'smtpd', 2);
    for (const [reply, isPassed] of [
      [DUNNO, false],
      [DUNNO, true],
      ['action=REJECT Go away.\n\n', false],
    ] as const)
      patient.health.answered(request(''), reply, isPassed);
    patient.health.fault();
    const status = patient.status(5);
    expect(status.log).to.deep.equal({
      sources: ['/var/log/mail.log'],
      readTo: new Date(START + 2 * SECOND).toISOString(),
      atEnd: true,
      heard: new Date(START + 2 * SECOND).toISOString(),
      lines: 4,
      understood: 3,
      events: 1,
      lost: 0,
    });
    expect(status.policy).to.include({ dunno: 2, reject: 1, passed: 1, connections: 2 });
    expect(status).to.include({ started: new Date(START).toISOString(), faults: 1, tracked: 3, blocks: 1 });
  });

  it('of a daemon that has read nothing yet are null, and not the year 1970', () => {
    const { log, snapshot } = new Patient().status(0);
    expect([log.readTo, log.heard, snapshot.written]).to.deep.equal([null, null, null]);
  });
});
