// Reports about an audit trail that cannot be written.

import { expect } from 'chai';
import { AuditTimer } from '../../../src/daemon/state/audit-timer.ts';
import { START } from '../../blocks/blocks-fixture.ts';

class Trail {
  auditDropped = 0;
  trouble: string | undefined;
  readonly troubles: (string | undefined)[] = [];
  readonly lost: unknown[] = [];
  readonly flusher = new AuditTimer(
    {
      state: this,
      health: { parts: { audit: (failed) => void this.troubles.push(failed) } },
      log: {
        report: (event) => void this.lost.push([event.event, 'lines' in event ? event.lines : undefined]),
      },
    },
    () => START,
  );

  async flush(): Promise<void> {
    if (this.trouble !== undefined) throw new Error(this.trouble);
  }

  async flushed(): Promise<void> {
    this.flusher.flush();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('daemon/state/audit-timer', () => {
  it('reports a trouble while writing fails', async () => {
    const trail = new Trail();
    trail.trouble = 'no space left';
    await trail.flushed();
    trail.trouble = undefined;
    await trail.flushed();
    expect(trail.troubles).to.deep.equal(['no space left', undefined]);
  });

  it('reports each lost line once', async () => {
    const trail = new Trail();
    await trail.flushed();
    trail.auditDropped = 3;
    await trail.flushed();
    await trail.flushed();
    trail.auditDropped = 5;
    await trail.flushed();
    expect(trail.lost).to.deep.equal([
      ['audit-lines-lost', 3],
      ['audit-lines-lost', 2],
    ]);
  });
});
