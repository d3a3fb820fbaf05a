// From policy.yml's `maillog` to the sources that are followed.

import { expect } from 'chai';
import { openSources } from '../../src/maillog/sources.ts';

async function namesOf(spec: Parameters<typeof openSources>[0]): Promise<string[]> {
  return (await openSources(spec, () => undefined)).map(({ name }) => name);
}

describe('maillog/sources', () => {
  it('are the files that are named, in their order', async () => {
    expect(await namesOf({ type: 'files', files: ['/b.log', '/a.log'] })).to.deep.equal(['/b.log', '/a.log']);
  });

  it('are the journal', async () => {
    expect(await namesOf({ type: 'journal', unit: 'postfix@-.service' })).to.deep.equal(['journal']);
  });

  it('are one usual file or the journal where the host decides, never none', async () => {
    const names = await namesOf({ type: 'auto' });
    expect(names).to.have.length(1);
    expect(['/var/log/mail.log', '/var/log/maillog', 'journal']).to.include(names[0]);
  });
});
