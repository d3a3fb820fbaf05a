// The fields of the daemon's log events that several events have.

export type Text = string | undefined;

/** A trouble at its start; when it is reported again, `since` is set. */
export type TroubleFields = { readonly since?: Text; readonly reason: string };
/** Times in ISO 8601; `by` and `why` where it was done by hand; `host` where another host, or a shared server, did it. */
export type BlockFields = {
  readonly ip: string;
  readonly rule: string;
  readonly since: Text;
  readonly until: Text;
  readonly count: number;
  readonly by?: Text;
  readonly why?: Text;
  readonly host?: Text;
};
export type EndFields = {
  readonly ip: string;
  readonly rule: string;
  readonly since: Text;
  readonly at: Text;
  readonly reason: string;
  readonly refused: number;
  readonly by?: Text;
  readonly why?: Text;
  readonly host?: Text;
};
/** `part` and `share` from 0 to 1: of all that the client did of the sort, the abuse, and what the rule's share asks for. */
export type SparedFields = {
  readonly ip: string;
  readonly rule: string;
  readonly at: Text;
  readonly reason: string;
  readonly bad: number;
  readonly good: number;
  readonly part: number;
  readonly share: number;
  readonly host?: Text;
};
export type EntryFields = {
  readonly ip: string;
  readonly until: Text;
  readonly by?: Text;
  readonly why?: Text;
  readonly host?: Text;
};
export type SourceFields = { readonly source: string };
export type ListenerFields = { readonly listener: string; readonly reason: string };
export type TargetFields = { readonly target: string };
export type BoundFields = { readonly max: number };
export type AdviceFields = { readonly advice: string };
