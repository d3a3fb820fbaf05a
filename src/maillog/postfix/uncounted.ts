// Reasons why a line about a refusal, a failure or a drop is not counted.

/** Each reason, in words for an administrator. */
export const UNCOUNTED = {
  temporary: 'temporary (4xx)',
  'own-refusal': 'our own refusal',
  'own-refusal-echo': 'the end of a connection that we refused',
  'server-fault': "the server's own fault",
  'logins-failing': 'logins fail because the user database is down',
  'given-up': 'the client gave AUTH up',
  'rate-limit': 'a rate limit that ends no connection',
  'host-busy': 'the host has no process left',
  stress: 'a limit that Postfix shortens under stress',
  'went-on': 'the connection went on',
  'other-stage': 'refused where no recipient and no message was: no rule counts that',
  counted: 'counted already',
  nobody: 'the log does not name the client',
} as const;

export type Uncounted = keyof typeof UNCOUNTED;
