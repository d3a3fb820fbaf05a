// Mocha's spec output, the suites that were left out and why, and a last line with the exact numbers.

import Mocha from 'mocha';
import { leftOut } from './real.ts';

export default class Reporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      for (const { suite, missing, remedy } of leftOut) {
        console.log(`left out: ${suite}: ${missing} is missing; ${remedy}`);
      }
      const { passes, failures, pending } = runner.stats ?? { passes: 0, failures: 1, pending: 0 };
      const skipped = pending > 0 ? `, ${pending} skipped` : '';
      console.log(`${passes} passed, ${failures} failed${skipped}`);
    });
  }
}
