// Postfix short of processes: which drops are not counted, of which service, and which count all the same.

import { expect } from 'chai';
import { charges, line, newReader, START } from './log.ts';

const A = 'a.example.net[192.0.2.1]';
const DROP = ['dropped-connection 192.0.2.1'];

function limit(service = 'smtp', second = 0, place = '25'): string {
  const text = `warning: service "${service}" (${place}) has reached its process limit "100": new clients may experience noticeable delays`;
  return line(text, 'master', 9, second);
}

function session(cause: string, { program = 'smtpd', pid = 1, second = 1, client = A } = {}): string[] {
  return [`connect from ${client}`, `${cause} from ${client}`, `disconnect from ${client}`].map((message) =>
    line(message, program, pid, second),
  );
}

const TIMEOUT = 'timeout after EHLO';

describe('maillog/stress', () => {
  const dropsAfter = (second: number) => charges([limit(), ...session(TIMEOUT, { second })]);

  it('counts against no client with drops at the limits that smtpd shortens, while it is short of processes', () => {
    expect(dropsAfter(0)).to.deep.equal([]);
    expect(dropsAfter(999)).to.deep.equal([]);
    expect(dropsAfter(1999)).to.deep.equal([]);
    for (const cause of [
      'too many errors after RCPT',
      'timeout after DATA (20 bytes)',
      'timeout after END-OF-MESSAGE',
    ])
      expect(charges([limit(), ...session(cause)]), cause).to.deep.equal([]);
    const handshake = [`SSL_accept error from ${A}: Connection timed out`, `disconnect from ${A}`];
    expect(charges([limit(), ...handshake.map((message) => line(message, 'smtpd', 1, 1))])).to.deep.equal([]);
  });

  it('charges drops again when it is over', () => {
    expect(dropsAfter(3600)).to.deep.equal(DROP);
  });

  it('charges what stress does not cause: other drops, and what is no drop', () => {
    for (const cause of ['warning: non-SMTP command', 'bare <LF> received after EHLO'])
      expect(charges([limit(), ...session(cause)]), cause).to.deep.equal(DROP);
    const anvil = `warning: Connection rate limit exceeded: 31 from ${A} for service smtp`;
    const lines = [anvil, `disconnect from ${A}`].map((message) => line(message, 'smtpd', 1, 1));
    expect(charges([limit(), ...lines])).to.deep.equal(DROP);
    const login = `warning: ${A}: SASL LOGIN authentication failed: UGFzc3dvcmQ6`;
    expect(charges([limit(), line(login)])).to.deep.equal(['auth-failure 192.0.2.1']);
  });

  it('is known from the warning of master alone', () => {
    const drop = session(TIMEOUT);
    const text = limit().slice(limit().indexOf('warning:'));
    for (const said of [line(text, 'smtpd'), line(text.slice(9), 'master'), line(`x ${text}`, 'master')])
      expect(charges([said, ...drop]), said).to.deep.equal(DROP);
  });

  const services: readonly (readonly [
    service: string,
    spared: readonly string[],
    charged: readonly string[],
  ])[] = [
    ['smtp', ['smtpd'], ['submission/smtpd', 'smtps/smtpd']],
    ['smtpd', ['smtpd'], ['submission/smtpd']],
    ['192.0.2.25:25', ['smtpd'], ['submission/smtpd']],
    ['submission', ['submission/smtpd'], ['smtpd', 'smtps/smtpd', 'submissions/smtpd']],
    ['587', ['submission/smtpd'], ['smtpd']],
    ['submissions', ['submissions/smtpd', 'smtps/smtpd'], ['smtpd', 'submission/smtpd']],
    ['smtps', ['smtps/smtpd', 'submissions/smtpd'], ['smtpd']],
    ['[::1]:465', ['smtps/smtpd'], ['smtpd']],
    ['mx2', ['mx2/smtpd', 'smtpd'], ['submission/smtpd']],
  ];
  for (const [service, spared, charged] of services) {
    it(`of ${service} is that of its own processes alone`, () => {
      for (const program of spared)
        expect(charges([limit(service), ...session(TIMEOUT, { program })]), program).to.deep.equal([]);
      for (const program of charged)
        expect(charges([limit(service), ...session(TIMEOUT, { program })]), program).to.deep.equal(DROP);
    });
  }

  it('of one host, or of one instance, is not that of another', () => {
    const other = (text: string, from: string, to: string) => text.replace(from, to);
    const drop = session(TIMEOUT);
    expect(charges([other(limit(), ' mx ', ' mx2 '), ...drop])).to.deep.equal(DROP);
    expect(charges([other(limit(), 'postfix/', 'postfix-out/'), ...drop])).to.deep.equal(DROP);
    const both = [limit(), ...drop].map((text) => other(text, 'postfix/', 'postfix-out/'));
    expect(charges(both)).to.deep.equal([]);
  });

  it('does not hide the flood that it is made of: of one client twenty are spared, and no more', () => {
    const flood = (count: number) =>
      Array.from({ length: count }, (_, i) => session(TIMEOUT, { second: i })).flat();
    expect(charges([limit(), ...flood(20)])).to.deep.equal([]);
    expect(charges([limit(), ...flood(150)])).to.have.length(130);
    const other = session(TIMEOUT, { second: 150, client: 'b[192.0.2.2]', pid: 2 });
    expect(charges([limit(), ...flood(150), ...other])).to.not.include('dropped-connection 192.0.2.2');
  });

  it('spares a client fewer drops that did other harm meanwhile, and an IPv6 network as one client', () => {
    const login = (address: string) => line(`warning: x[${address}]: SASL LOGIN authentication failed: x`);
    const logins = Array.from({ length: 20 }, () => login('192.0.2.1'));
    const count = (lines: readonly string[]) =>
      charges(lines).filter((charge) => charge.startsWith('dropped')).length;
    expect(count([limit(), ...logins, ...session(TIMEOUT)])).to.equal(1);
    expect(count([...logins, limit(), ...session(TIMEOUT)]), 'before it began').to.equal(0);
    const network = Array.from({ length: 30 }, (_, i) =>
      session(TIMEOUT, { client: `x[2001:db8::${i + 1}]` }),
    );
    expect(count([limit(), ...network.flat()])).to.equal(10);
  });

  it('begins anew for every client when it had been over', () => {
    const flood = (second: number) => Array.from({ length: 25 }, () => session(TIMEOUT, { second })).flat();
    expect(charges([limit(), ...flood(1), limit('smtp', 9000), ...flood(9001)])).to.have.length(10);
    expect(charges([limit(), ...flood(1), limit('smtp', 1100), ...flood(1101)]), 'said again').to.have.length(
      30,
    );
  });

  it('remembers no more than 5,000 clients and 100 services', () => {
    const reader = newReader();
    const lines = Array.from({ length: 150 }, (_, i) => limit(`s${i}`));
    for (let i = 0; i < 6000; i++)
      lines.push(line(`warning: x[10.0.${i >> 8}.${i & 255}]: SASL LOGIN authentication failed: x`));
    charges(lines, reader);
    const { services, clients } = reader.sessions.state.stress;
    expect(services.length).to.be.at.most(100);
    expect(clients.length).to.be.within(4000, 5000);
  });

  it('that lies further ahead than it can last was said by a clock that was wrong', () => {
    expect(charges([limit('smtp', 100_000), ...session(TIMEOUT)])).to.deep.equal(DROP);
  });
});

describe('maillog/stress: postscreen', () => {
  const C = '[192.0.2.1]:40000';
  const say = (...messages: string[]) => messages.map((message) => line(message, 'postscreen', 7));
  const ENTER = 'entering STRESS mode with 80 connections';
  const LEAVE = 'leaving STRESS mode with 60 connections';
  const SLOW = [`COMMAND TIME LIMIT from ${C} after CONNECT`, `DISCONNECT ${C}`];

  it('counts against no client with the limits that STRESS mode shortens, until it is left', () => {
    expect(charges(say(ENTER, ...SLOW))).to.deep.equal([]);
    expect(charges(say(ENTER, ...SLOW, LEAVE, ...SLOW))).to.deep.equal(DROP);
    expect(
      charges(say(ENTER, `reject: connect from ${C}: all screening ports busy`, `DISCONNECT ${C}`)),
    ).to.deep.equal([]);
  });

  it('charges what STRESS mode does not cause', () => {
    for (const message of [
      `COMMAND COUNT LIMIT from ${C} after RCPT`,
      `NOQUEUE: reject: CONNECT from ${C}: too many connections`,
      `PREGREET 14 after 0.08 from ${C}: EHLO x`,
    ])
      expect(charges(say(ENTER, message, `DISCONNECT ${C}`)), message).to.deep.equal(DROP);
  });

  it('is that of its own process, and no stress of smtpd', () => {
    const other = line(ENTER, 'postscreen', 8);
    expect(charges([other, ...say(...SLOW)])).to.deep.equal(DROP);
    expect(charges([line(ENTER, 'postscreen', 7), ...session(TIMEOUT)])).to.deep.equal(DROP);
    const reader = newReader();
    charges(say(ENTER), reader);
    expect(reader.sessions.stressUntil).to.equal(0);
  });

  it('does not last for ever where nobody says that it is over', () => {
    const late = SLOW.map((message) => line(message, 'postscreen', 7, 90_000));
    expect(charges([...say(ENTER), ...late])).to.deep.equal(DROP);
  });

  it('of a client that is dropped again and again spares twenty', () => {
    const lines = Array.from({ length: 50 }, () => SLOW).flat();
    expect(charges(say(ENTER, ...lines))).to.have.length(30);
    expect(START).to.be.above(0);
  });
});
