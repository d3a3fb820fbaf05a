// A request of the policy protocol (SMTPD_POLICY_README): its attributes, and the error for an invalid one.

/** The attributes that the daemon uses; empty where Postfix did not send them. */
export interface PolicyRequest {
  readonly clientAddress: string;
  /** `unknown` where Postfix could not verify the name */
  readonly clientName: string;
  /** the same in all requests about one message, different for each message (SMTPD_POLICY_README) */
  readonly instance: string;
  /** the SMTP command, or `CONNECT`, `END-OF-MESSAGE`, `VRFY`, `ETRN` */
  readonly protocolState: string;
  /** of the state: its index in PROTOCOL_STATES (protocol-state.ts); nothing is decoded for it */
  readonly stateCode: number;
  /** set where the client logged in */
  readonly saslUsername: string;
}

/** An invalid request. The answer is to close the connection, as SMTPD_POLICY_README asks. */
export class RequestError extends Error {
  readonly code: 'malformed' | 'oversized' | 'foreign';

  constructor(code: RequestError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
