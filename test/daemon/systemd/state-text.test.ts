// The line of text about the daemon in `systemctl status`.

import { expect } from 'chai';
import { stateText } from '../../../src/daemon/systemd/state-text.ts';

const TABLE = { size: 1234, pinned: 12 };
const SILENT = { what: 'log-silent', reason: 'smtpd logs nothing' };
const NOT_ASKED = { what: 'not-asked', reason: 'Postfix does not ask' };

describe('daemon/systemd/state-text', () => {
  for (const [troubles, text] of [
    [[], '4 rules, 1234 clients tracked, 12 blocked'],
    [[SILENT], 'trouble: log-silent: smtpd logs nothing'],
    [[SILENT, NOT_ASKED], 'trouble: log-silent, not-asked: smtpd logs nothing'],
  ] as const)
    it(`is "${text}"`, () => expect(stateText(4, TABLE, troubles)).to.equal(text));
});
