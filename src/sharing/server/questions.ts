// Questions among the hosts: asked on a channel that all hear, answered under a key that the asking host reads.

import { randomUUID } from 'node:crypto';
import { isObject } from '../../values/json.ts';
import { MAX_HOST } from './changes.ts';

/** Bytes of a question, and of an answer; longer ones are not sent, and not read. */
export const MAX_MESSAGE = 65_536;
const MAX_ID = 64;
/** Characters of all answers to one question; more are not read. */
const MAX_ANSWERS = 1 << 24;

export interface Question {
  readonly id: string;
  readonly from: string;
  readonly text: string;
}

interface Open {
  readonly expected: ReadonlySet<string>;
  readonly answers: Map<string, string>;
  /** values of the key that were read */
  read: number;
  /** characters that more answers may have */
  room: number;
  finish(): void;
}

export interface QuestionsParts {
  readonly host: string;
  ask(message: string): Promise<unknown>;
  /** host and answer in turn, behind so many values that were read */
  answers(id: string, read: number): Promise<readonly string[]>;
}

export class Questions {
  readonly #parts: QuestionsParts;
  readonly #open = new Map<string, Open>();

  constructor(parts: QuestionsParts) {
    this.#parts = parts;
  }

  /** @param ms to wait at most; @param expected hosts whose answers are waited for */
  async ask(text: string, ms: number, expected: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
    const id = randomUUID();
    const answers = new Map<string, string>();
    let timer: NodeJS.Timeout | undefined;
    const ended = new Promise<void>((finish) => {
      this.#open.set(id, { expected, answers, read: 0, room: MAX_ANSWERS, finish });
      timer = setTimeout(finish, ms);
    });
    try {
      await this.#parts.ask(JSON.stringify({ id, from: this.#parts.host, text } satisfies Question));
      if (expected.size > 0) await ended;
      return answers;
    } finally {
      clearTimeout(timer);
      this.#open.delete(id);
    }
  }

  /** An answer to a question of this host may be there. */
  answered(id: string): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#parts.answers(id, open.read).then(
      (values) => take(open, values),
      // Who does not answer in time is named by the caller.
      () => {},
    );
  }
}

function take(open: Open, values: readonly string[]): void {
  for (let i = 0; i + 1 < values.length; i += 2) {
    const [host = '', answer = ''] = [values[i], values[i + 1]];
    open.read = Math.max(open.read, i + 2);
    open.room -= answer.length;
    const isAnswer = open.expected.has(host) && answer.length <= MAX_MESSAGE && open.room >= 0;
    if (isAnswer) open.answers.set(host, answer);
  }
  for (const host of open.expected) if (!open.answers.has(host)) return;
  open.finish();
}

/** @returns undefined for what no host asks */
export function questionOf(message: string): Question | undefined {
  if (message.length > 2 * MAX_MESSAGE) return undefined;
  try {
    const question: unknown = JSON.parse(message);
    if (!isObject(question)) return undefined;
    const { id, from, text } = question;
    const isText = typeof id === 'string' && typeof from === 'string' && typeof text === 'string';
    if (!isText || id.length > MAX_ID || from.length > MAX_HOST) return undefined;
    return { id, from, text };
  } catch {
    return undefined;
  }
}
