// What the support desk learns from all hosts that share.

import type { SeenByHost } from '../../desk/answers.ts';
import type { SharedDesk } from '../../desk/desk.ts';
import { seenBy } from '../../desk/elsewhere.ts';
import { foundElsewhere, MAX_FOUND, MAX_NAMED } from '../../desk/find/elsewhere.ts';
import type { HostReport } from '../../sharing/shared-store.ts';
import type { Sharing } from '../../sharing/sharing.ts';
import type { State } from '../../state/state.ts';
import { SECOND } from '../../values/duration.ts';
import { isoText } from '../../values/iso-time.ts';

/** What the support desk asks of all hosts. */
export function sharedDesk(sharing: Sharing, state: Pick<State, 'sequence'>): SharedDesk {
  return {
    get sequence() {
      return state.sequence;
    },
    async confirmed(after) {
      const { isSent, asked, missing } = await sharing.confirmed(after);
      return { sent: isSent, asked: asked.length, missing: missing.slice(0, MAX_NAMED) };
    },
    async hosts() {
      const hosts = await sharing.gathering.hosts();
      return hosts.map(
        ({ host, version: release, digest: rules, seen, lag, sends = null, backlog = null }) => ({
          host,
          release,
          rules,
          seen: isoText(seen),
          lag: Math.round(lag / SECOND),
          sends,
          backlog,
        }),
      );
    },
    async seen(ip) {
      const { answers, missing, reports } = await sharing.gathering.ask({ ip });
      const seen = [...answers].flatMap(([host, answer]) => seenBy(host, answer) ?? []);
      return {
        seen: seen.filter(hasSeenAny),
        missing: missing.slice(0, MAX_NAMED),
        behind: reports
          .filter(isBehind)
          .slice(0, MAX_NAMED)
          .map(({ host, backlog = null }) => ({ host, backlog })),
      };
    },
    async found(text, limit) {
      const question = { find: text, limit: Math.min(limit, MAX_FOUND) };
      const { answers, missing } = await sharing.gathering.ask(question);
      return foundElsewhere(answers, missing, limit);
    },
  };
}

function hasSeenAny({ counts, refused, evidence }: SeenByHost): boolean {
  return counts.length + refused + evidence.length > 0;
}

function isBehind({ sends = 'live' }: HostReport): boolean {
  return sends !== 'live';
}
