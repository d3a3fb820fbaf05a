// Requests on the control socket: any line is one, or is refused in words.

import { expect } from 'chai';
import fc from 'fast-check';
import {
  CONTROL_VERSION,
  type ControlRequest,
  DeskError,
  MAX_REQUEST,
  parseRequest,
} from '../../src/desk/protocol.ts';
import { superlinear } from '../harness/linear.ts';
import { scaled } from '../harness/scale.ts';

const FIELDS = [
  'version',
  'command',
  'ip',
  'rule',
  'duration',
  'by',
  'reason',
  'watching',
  '__proto__',
  'toString',
];

/** The request, or the refusal; anything else that is thrown is the test's failure. */
function taken(line: string): ControlRequest | undefined {
  try {
    return parseRequest(line);
  } catch (error) {
    expect(error).to.be.instanceOf(DeskError).and.to.have.property('code', 'bad-request');
    expect((error as Error).message.length).to.be.below(200);
    return undefined;
  }
}

describe('desk/protocol', () => {
  it('parses any line as a request or refuses it', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(CONTROL_VERSION, 'list', 'show', '192.0.2.1', 1e308, true),
    );
    const request = fc
      .dictionary(fc.constantFrom(...FIELDS), value)
      .map((fields) => JSON.stringify({ version: CONTROL_VERSION, ...fields }));
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.dictionary(fc.constantFrom(...FIELDS), value).map((fields) => JSON.stringify(fields)),
      request,
    );
    fc.assert(
      fc.property(line, (text) => {
        const found = taken(text);
        if (found !== undefined)
          expect(found)
            .to.include({ version: CONTROL_VERSION })
            .and.to.have.property('command')
            .that.is.a('string');
      }),
      { numRuns: scaled(3000) },
    );
  });

  it('accepts the commands that need the daemon, and no others', () => {
    for (const command of ['list', 'show', 'status', 'unblock', 'block', 'allow', 'disallow', 'tail'])
      expect(taken(JSON.stringify({ version: CONTROL_VERSION, command })), command).to.include({ command });
    for (const command of ['dance', 'serve', 'constructor', ''])
      expect(taken(JSON.stringify({ version: CONTROL_VERSION, command })), command).to.equal(undefined);
  });

  it('refuses what is nested as deeply as a line can be, in any field', () => {
    const deep = '['.repeat(MAX_REQUEST / 4) + ']'.repeat(MAX_REQUEST / 4);
    for (const line of [
      deep,
      `{"version":${deep}}`,
      `{"version":1,"command":${deep}}`,
      '{"version":{"toString":1}}',
      '{"version":1,"command":"list","ip":{"length":1}}',
    ]) {
      expect(taken(line), line.slice(0, 40)).to.equal(undefined);
    }
  });

  it('costs no more than linear time', () => {
    expect(
      superlinear(
        taken,
        ['[', '{"a":', '"', '\\', '{"version":1,', '1e'].map((pump) => ({ pump })),
      ),
    ).to.deep.equal([]);
  });
});
