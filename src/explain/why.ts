// Why a line of a log is not counted, or not yet, in words for an administrator.

export const WHY = {
  'no-time': 'no time of a form that is known stands at its beginning',
  'no-process': 'no HOST PROGRAM[PID]: stands behind its time',
  'no-entry': 'it is no entry of a journal',
  'other-program': 'it is of a program that is not read',
  delivery: 'it tells what becomes of mail that Postfix accepted',
  'no-event': 'it tells of nothing that is counted',
  'own-refusal': 'our own refusal',
  stress: 'Postfix is short of processes and shortens its limits, so drops charge nobody',
  'logins-failing': 'clients that could always log in fail, so the user database is probably down',
  counted: 'counted already, refused at a stage that no rule counts, or no line given names its client',
  uncounted:
    "it tells of a refusal or a failure that is temporary, the server's own, or of no form that is known",
  session: 'it counts when the session ends, at its disconnect line',
  'no-address': "it is nobody's, since Postfix names no address",
  allowed: 'the client is on the allow list',
  'no-rule': 'no rule counts it',
} as const;

export type Why = keyof typeof WHY;
