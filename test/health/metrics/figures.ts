// Figures of a daemon, for tests of metrics.

import type { Figures } from '../../../src/health/metrics/samples.ts';

export const NOW = Date.UTC(2026, 10, 27);

export function figures(changed: Partial<Figures> = {}): Figures {
  return {
    version: '1.0.0',
    troubles: [],
    rules: [{ name: 'auth-failures', enforce: true }],
    blocks: new Map(),
    tracked: 7,
    sources: ['/var/log/mail.log'],
    readTo: NOW - 2500,
    suppressed: 3,
    snapshotAt: NOW - 40_000,
    snapshotTook: 12,
    policyLoadedAt: NOW - 100_000,
    sharing: undefined,
    ...changed,
  };
}
