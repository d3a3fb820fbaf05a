// A restriction list of smtpd(8), such as smtpd_client_restrictions, as the steps that Postfix evaluates in order.

/** One restriction with its argument. */
export interface Step {
  /** as in the list: `check_client_access hash:/etc/postfix/access` */
  readonly text: string;
  /**
   * ask: a policy request; permit, refuse: ends the list for every client; may-permit: ends it for some; other: never
   * permits
   */
  readonly effect: 'ask' | 'permit' | 'refuse' | 'may-permit' | 'other';
  /** what follows the name; empty if nothing does */
  readonly argument: string;
  /** under warn_if_reject: Postfix logs a refusal, and lets the client pass */
  readonly isWarningOnly: boolean;
}

/** Restriction classes within classes. Postfix follows a class that names itself without end. */
const MAX_DEPTH = 8;
const MAX_STEPS = 1000;

/** Restrictions with an argument: generic_checks() of smtpd_check.c. */
const WITH_ARGUMENT =
  /^(?:check_[a-z_]+_access|check_policy_service|reject_rbl(?:_client)?|reject_rhsbl_[a-z_]+|permit_(?:dnswl|rhswl)_client|sleep)$/;
/** forbid_allowlist() of smtpd_check.c: an OK of these is an error. */
const NEVER_PERMIT = /^check_(?:reverse_client_hostname|[a-z_]+_(?:ns|mx|a))_access$/;
const MAY_PERMIT = /^(?:permit_[a-z_]+|check_[a-z_]+_access)$/;

/**
 * The steps of a list, with those of its restriction classes in their place: an answer of a class other than DUNNO ends
 * the list too (generic_checks() of smtpd_check.c).
 *
 * @param list expanded: without `$name`
 * @param classes by name: smtpd_restriction_classes, expanded
 */
export function stepsOf(list: string, classes: ReadonlyMap<string, string> = new Map()): readonly Step[] {
  const steps: Step[] = [];
  addSteps(steps, list, classes, { depth: 0, isWarningOnly: false });
  return steps;
}

interface Surroundings {
  readonly depth: number;
  readonly isWarningOnly: boolean;
}

function addSteps(
  steps: Step[],
  list: string,
  classes: ReadonlyMap<string, string>,
  { depth, isWarningOnly }: Surroundings,
): void {
  const words = wordsOf(list);
  let warns = isWarningOnly;
  for (let i = 0; i < words.length && steps.length < MAX_STEPS; i++) {
    const word = words[i] ?? '';
    const name = word.toLowerCase();
    if (name === 'warn_if_reject') {
      warns = true;
      continue;
    }
    const ofClass = classes.get(word);
    if (ofClass !== undefined) {
      if (depth < MAX_DEPTH) addSteps(steps, ofClass, classes, { depth: depth + 1, isWarningOnly: warns });
    } else {
      const argument = WITH_ARGUMENT.test(name) ? (words[++i] ?? '') : '';
      const text = argument === '' ? word : `${word} ${argument}`;
      steps.push({ text, argument, effect: effectOf(name, warns), isWarningOnly: warns });
    }
    warns = isWarningOnly;
  }
}

function effectOf(name: string, isWarningOnly: boolean): Step['effect'] {
  if (name === 'check_policy_service') return 'ask';
  if (name === 'permit') return 'permit';
  if (name === 'reject' || name === 'defer') return isWarningOnly ? 'other' : 'refuse';
  // A table without the name of a check is an access table of the list's own kind.
  if (name.includes(':') && !name.startsWith('{')) return 'may-permit';
  return MAY_PERMIT.test(name) && !NEVER_PERMIT.test(name) ? 'may-permit' : 'other';
}

/** mystrtokq() of mystrtok.c with CHARS_COMMA_SP: words, of which one in braces may hold separators. */
export function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  let word = '';
  let level = 0;
  for (const character of `${text},`) {
    if (character === '{') level++;
    else if (character === '}' && level > 0) level--;
    if (level > 0 || !/[\s,]/.test(character)) word += character;
    else if (word !== '') {
      words.push(word);
      word = '';
    }
  }
  // An open brace takes the rest; Postfix refuses it where the word is used.
  return word === '' ? words : [...words, word.slice(0, -1)];
}
