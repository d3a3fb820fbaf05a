// A request of the policy protocol (SMTPD_POLICY_README): what is of use in it, and what makes it unusable.

/** What is of use in a request; empty where Postfix did not send it. */
export interface PolicyRequest {
  readonly clientAddress: string;
  /** `unknown` where Postfix could not verify the name */
  readonly clientName: string;
  /** the same in all requests about one message, another one for each (SMTPD_POLICY_README) */
  readonly instance: string;
  /** the SMTP command, or `CONNECT`, `END-OF-MESSAGE`, `VRFY`, `ETRN` */
  readonly protocolState: string;
  /** of a client that logged in */
  readonly saslUsername: string;
}

/** A request that is to be answered by closing the connection, as SMTPD_POLICY_README asks. */
export class RequestError extends Error {
  readonly code: 'malformed' | 'oversized' | 'foreign';

  constructor(code: RequestError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
