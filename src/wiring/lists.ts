// The restriction lists of smtpd(8), and the moment at which Postfix evaluates each.

/** A moment of an SMTP session: the protocol_state of the policy request; END-OF-MESSAGE is the end of DATA. */
export type Stage = 'CONNECT' | 'HELO' | 'MAIL' | 'RCPT' | 'DATA' | 'END-OF-MESSAGE';

interface RestrictionList {
  readonly parameter: string;
  /** with smtpd_delay_reject = yes, Postfix's default */
  readonly delayed: Stage;
  /** with smtpd_delay_reject = no */
  readonly undelayed: Stage;
}

/**
 * In the order of their evaluation: smtpd_check_rcpt() of smtpd_check.c calls the delayed ones first. A permit ends its
 * own list only. smtpd_relay_before_recipient_restrictions exchanges the two of RCPT.
 */
export const LISTS: readonly RestrictionList[] = [
  { parameter: 'smtpd_client_restrictions', delayed: 'RCPT', undelayed: 'CONNECT' },
  { parameter: 'smtpd_helo_restrictions', delayed: 'RCPT', undelayed: 'HELO' },
  { parameter: 'smtpd_sender_restrictions', delayed: 'RCPT', undelayed: 'MAIL' },
  { parameter: 'smtpd_relay_restrictions', delayed: 'RCPT', undelayed: 'RCPT' },
  { parameter: 'smtpd_recipient_restrictions', delayed: 'RCPT', undelayed: 'RCPT' },
  { parameter: 'smtpd_data_restrictions', delayed: 'DATA', undelayed: 'DATA' },
  {
    parameter: 'smtpd_end_of_data_restrictions',
    delayed: 'END-OF-MESSAGE',
    undelayed: 'END-OF-MESSAGE',
  },
];

/** Restrictions that find nothing to permit before the command that they look at (generic_checks() of smtpd_check.c). */
const NOT_BEFORE: readonly (readonly [RegExp, Stage])[] = [
  [/^check_helo_/, 'HELO'],
  [/^(?:permit_sasl_|check_sasl_|check_sender_)/, 'MAIL'],
  [/^(?:permit_auth_destination|permit_mx_backup|check_recipient_)/, 'RCPT'],
];
const ORDER: readonly Stage[] = ['CONNECT', 'HELO', 'MAIL', 'RCPT', 'DATA', 'END-OF-MESSAGE'];

/** Whether a restriction can permit at this stage. */
export function canPermit(restriction: string, stage: Stage): boolean {
  const [, first] = NOT_BEFORE.find(([names]) => names.test(restriction.toLowerCase())) ?? [];
  return first === undefined || ORDER.indexOf(stage) >= ORDER.indexOf(first);
}
