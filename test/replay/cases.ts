// Policies and logs to try a replay with: rules and lines of any kind, and those with which clients are spared.

import fc from 'fast-check';
import { KINDS } from '../../src/blocks/events/event.ts';
import type { Rule } from '../../src/blocks/rules.ts';
import { HOUR, MINUTE, SECOND } from '../../src/values/duration.ts';
import { clientText, fill, HOSTILE, type Template } from '../maillog/arbitraries.ts';
import { line } from '../maillog/log.ts';

const kinds = fc.uniqueArray(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 3 });
export const rules: fc.Arbitrary<Rule[]> = fc
  .array(
    fc.record({
      counts: kinds,
      limit: fc.integer({ min: 1, max: 4 }),
      within: fc.constantFrom(MINUTE, 10 * MINUTE, HOUR),
      blockFor: fc.constantFrom(SECOND, MINUTE, 30 * MINUTE, HOUR),
      enforce: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((list) => list.map((rule, i) => ({ ...rule, name: `rule-${i}`, message: `No ${i}.` })));

/** Lines of few clients, with what a client may write in them. */
function linesOf(
  templates: fc.Arbitrary<readonly Template[]>,
  lengths: { readonly minLength?: number; readonly maxLength: number },
): fc.Arbitrary<string[]> {
  const step = fc.record({
    templates,
    client: fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2', '198.51.100.9'),
    text: clientText,
    pid: fc.integer({ min: 1, max: 3 }),
    gap: fc.constantFrom(0, 1, 30, 60, 600),
  });
  return fc.array(step, lengths).map((steps) => {
    let second = 0;
    return steps.flatMap(({ templates, client, text, pid, gap }) => {
      second += gap;
      return templates.map(({ program, message }) =>
        line(
          fill(message, client, () => text),
          program,
          pid,
          second,
        ),
      );
    });
  });
}

/** Lines of any kind. */
export const lines = linesOf(
  fc.constantFrom(...HOSTILE).map((template) => [template]),
  { maxLength: 80 },
);

const REPEAT = { within: 5 * HOUR, factor: 2, most: 4 * HOUR };
/** Rules that spare: with a share, with forgiveness for failed logins. Some block longer each time. */
const sparingRules = rules.chain((list) =>
  fc
    .array(
      fc.record({
        // Of one kind: only then is there something good to compare it with.
        kind: fc.constantFrom('rejected-recipient', 'auth-failure', 'dropped-connection'),
        share: fc.constantFrom(0, 0.5, 0.8, 1),
        forgive: fc.boolean(),
        repeat: fc.boolean(),
      }),
      {
        minLength: list.length,
        maxLength: list.length,
      },
    )
    .map((options) =>
      list.map((rule, i): Rule => {
        const { kind = 'auth-failure', share = 0, forgive = false, repeat = false } = options[i] ?? {};
        return {
          ...rule,
          counts: [kind],
          share,
          forgive: forgive ? 'login' : undefined,
          repeat: repeat ? REPEAT : undefined,
        };
      }),
    ),
);
const breakers = fc.option(
  fc.record({
    clients: fc.integer({ min: 1, max: 2 }),
    share: fc.constantFrom(0, 0.1, 0.5),
    within: fc.constantFrom(MINUTE, HOUR),
  }),
  { nil: undefined },
);

/** What a client does well: one mail of three recipients, a login, a connection that ends in order. */
const WELL: readonly (readonly Template[])[] = [
  [
    { program: 'smtpd', message: 'ABCDE12345: client=NAME[CLIENT]' },
    { program: 'qmgr', message: 'ABCDE12345: from=<TEXT>, size=512, nrcpt=3 (queue active)' },
  ],
  [{ program: 'smtpd', message: 'ABCDE54321: client=NAME[CLIENT], sasl_method=LOGIN, sasl_username=anna' }],
  [
    { program: 'smtpd', message: 'connect from NAME[CLIENT]' },
    { program: 'smtpd', message: 'disconnect from NAME[CLIENT] ehlo=1 auth=1 quit=1 commands=3' },
  ],
];
/** What is counted, with little else. */
const ILL: readonly (readonly Template[])[] = [
  [
    {
      program: 'smtpd',
      message: 'warning: NAME[CLIENT]: SASL LOGIN authentication failed: no, sasl_username=anna',
    },
  ],
  [{ program: 'smtpd', message: 'warning: NAME[CLIENT]: SASL LOGIN authentication failed: TEXT' }],
  [
    {
      program: 'smtpd',
      message:
        'NOQUEUE: reject: RCPT from NAME[CLIENT]: 550 5.1.1 <TEXT>: Recipient address rejected: User unknown; from=<TEXT> to=<TEXT> proto=ESMTP helo=<TEXT>',
    },
  ],
  [
    { program: 'smtpd', message: 'connect from NAME[CLIENT]' },
    { program: 'smtpd', message: 'timeout after CONNECT from NAME[CLIENT]' },
    { program: 'smtpd', message: 'disconnect from NAME[CLIENT] commands=0/0' },
  ],
];

const mixedLines: fc.Arbitrary<string[]> = linesOf(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...WELL) },
    { weight: 4, arbitrary: fc.constantFrom(...ILL) },
    { weight: 1, arbitrary: fc.constantFrom(...HOSTILE).map((template) => [template]) },
  ),
  { minLength: 40, maxLength: 120 },
);

/** Rules that spare, a breaker, and lines of both kinds. */
export const sparingCases = fc.tuple(sparingRules, breakers, mixedLines);

export type SparingCase = typeof sparingCases extends fc.Arbitrary<infer T> ? T : never;
