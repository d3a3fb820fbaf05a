// The queue ID in front of a log message.

/** Where smtpd has no queue file yet. */
export const NO_QUEUE = 'NOQUEUE';

/**
 * Short IDs are hexadecimal; long ones (postconf(5), enable_long_queue_ids) have digits and the consonants of both
 * cases, so that no word such as `warning` can be one.
 */
const QUEUE_ID = /^(NOQUEUE|[0-9A-F]{5,20}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,25}): /;

/** The queue ID, `NOQUEUE`, or undefined where the message begins with neither. */
export function queueIdOf(message: string): string | undefined {
  return QUEUE_ID.exec(message)?.[1];
}
