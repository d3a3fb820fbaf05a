// Labelled log lines of other projects, where they are beside the repository: each gives the event it is labelled with.

import { expect } from 'chai';
import { leftOut } from '../harness/real.ts';
import { CLASSES, CORPUS, compare, hasCorpus, readCorpus } from './corpus.ts';

if (hasCorpus(CORPUS)) {
  describe('maillog/corpus: labelled lines', () => {
    const lines = readCorpus(CORPUS).filter((labelled) => !labelled.isAmbiguous);

    for (const label of CLASSES) {
      it(`reads every unambiguous line of class ${label} as labelled`, () => {
        const compared = lines.filter((labelled) => labelled.class === label).map(compare);
        expect(compared, 'lines of this class').not.to.be.empty;
        const wrong = compared.filter(({ agrees }) => !agrees);
        expect(wrong.map(({ place, expected, got }) => ({ place, expected, got }))).to.deep.equal([]);
      });
    }
  });
} else {
  leftOut.push({
    suite: 'maillog/corpus: labelled lines',
    missing: 'a directory of labelled log lines',
    remedy: 'put one at ../shared/corpus',
  });
}
