// A problem that `postblock check` finds, and what makes it go away.

export interface Problem {
  /** error: serve ends with `status`, or Postfix does not do what policy.yml asks; warning: it works, but not for all */
  readonly weight: 'error' | 'warning';
  /** options of policy.yml such as `listen`, or services of master.cf such as `submission/inet` */
  readonly about: readonly string[];
  readonly problem: string;
  /** what to do, and in which file */
  readonly remedy: string;
  /** the exit status of serve; undefined where serve runs */
  readonly status?: number;
}

/** Problems that differ only in what they are about become one. Errors stand first. */
export function merged(problems: readonly Problem[]): readonly Problem[] {
  const byText = new Map<string, Problem>();
  for (const one of problems) {
    const { weight, problem, remedy } = one;
    const key = JSON.stringify([weight, problem, remedy]);
    const before = byText.get(key)?.about ?? [];
    byText.set(key, { ...one, about: [...new Set([...before, ...one.about])] });
  }
  const all = [...byText.values()];
  return [
    ...all.filter(({ weight }) => weight === 'error'),
    ...all.filter(({ weight }) => weight === 'warning'),
  ];
}
