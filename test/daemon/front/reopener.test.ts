// Reopening listeners: what is tried, and what is logged.

import { expect } from 'chai';
import { Reopener } from '../../../src/daemon/front/reopener.ts';

const CONTROL = 'unix:/state/control.sock';
const POLICY = 'unix:/run/policy.sock';

describe('daemon/front/reopener', () => {
  let lines: string[];
  let control: { isReachable: boolean; failure: string | undefined; tries: number };
  let policy: { isReachable: boolean; failure: string | undefined };
  let reopener: Reopener;

  beforeEach(() => {
    lines = [];
    control = { isReachable: true, failure: undefined, tries: 0 };
    policy = { isReachable: true, failure: undefined };
    reopener = new Reopener({
      log: {
        report: (event) =>
          void ('listener' in event && lines.push(`${event.event} ${event.listener}: ${event.reason}`)),
      },
      service: {
        get isReachable() {
          return policy.isReachable;
        },
        reopen: async () => (policy.isReachable ? [] : [{ where: POLICY, failure: policy.failure }]),
      },
      control: {
        get isReachable() {
          return control.isReachable;
        },
        reopen: async () => {
          if (control.isReachable) return [];
          control.tries++;
          return [{ where: CONTROL, failure: control.failure }];
        },
      },
    });
  });

  it('is needed where a listener is not reachable', () => {
    expect(reopener.isNeeded).to.equal(false);
    control.isReachable = false;
    expect(reopener.isNeeded).to.equal(true);
    control.isReachable = true;
    policy.isReachable = false;
    expect(reopener.isNeeded).to.equal(true);
  });

  it('logs which listener was reopened, and leaves the others', async () => {
    policy.isReachable = false;
    await reopener.reopen(0);
    expect(lines).to.deep.equal([`listener-reopened ${POLICY}: its socket file was gone`]);
    expect(control.tries).to.equal(0);
    control.isReachable = false;
    policy.isReachable = true;
    await reopener.reopen(0);
    expect(lines.slice(1)).to.deep.equal([`listener-reopened ${CONTROL}: its socket file was gone`]);
  });

  it('logs a reason for a failure once, however often it tries, and a new reason again', async () => {
    control.isReachable = false;
    policy.isReachable = false;
    for (const failure of ['no directory', 'no directory', 'in use', 'in use', undefined, 'no directory']) {
      control.failure = failure;
      policy.failure = failure;
      await reopener.reopen(0);
    }
    const stages = [
      'lost: no directory',
      'lost: in use',
      'reopened: its socket file was gone',
      'lost: no directory',
    ];
    expect(lines).to.deep.equal(
      stages.flatMap((text) => {
        const [stage, reason] = text.split(': ');
        return [POLICY, CONTROL].map((listener) => `listener-${stage} ${listener}: ${reason}`);
      }),
    );
  });
});
