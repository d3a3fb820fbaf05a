// A problem that `postblock check` finds, and what makes it go away.

/** The gravest first. */
const WEIGHTS = ['error', 'warning', 'note'] as const;

export interface Problem {
  /**
   * error: serve ends with `status`, or Postfix does not do what policy.yml asks; warning: it works, but not for all;
   * note: not known to the user who runs the check
   */
  readonly weight: (typeof WEIGHTS)[number];
  /** options of policy.yml such as `listen`, or services of master.cf such as `submission/inet` */
  readonly about: readonly string[];
  readonly problem: string;
  /** what to do, and in which file */
  readonly remedy: string;
  /** the exit status of serve; undefined where serve runs */
  readonly status?: number;
  /** the system refuses it to the user who runs the check, and may allow it to another one */
  readonly isPermission?: boolean;
}

/** What is left of problems where another user than the daemon's runs the check: what is refused here may work there. */
export function seenByOther(problems: readonly Problem[]): readonly Problem[] {
  const remedy = "To check it, run this as the daemon's user";
  return problems.map(({ isPermission = false, ...rest }) => {
    if (!isPermission) return rest;
    const { about, problem } = rest;
    return { weight: 'note', about, problem: `not checked: ${problem}`, remedy };
  });
}

/** Whether another user may be allowed what the system refuses with this error. */
export function isPermission({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EACCES' || code === 'EPERM';
}

/** Problems that differ only in what they are about become one. Errors stand first, notes last. */
export function merged(problems: readonly Problem[]): readonly Problem[] {
  const byText = new Map<string, Problem>();
  for (const one of problems) {
    const { weight, problem, remedy } = one;
    const key = JSON.stringify([weight, problem, remedy]);
    const before = byText.get(key)?.about ?? [];
    byText.set(key, { ...one, about: [...new Set([...before, ...one.about])] });
  }
  const all = [...byText.values()];
  return WEIGHTS.flatMap((wanted) => all.filter(({ weight }) => weight === wanted));
}
