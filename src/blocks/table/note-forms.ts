// The content of notes: evidence and refused mails as support reads them, and as snapshots hold them.

import { isoText, isoTime } from '../../values/iso-time.ts';
import { classOfCode, codeOfEvent, kindOfCode } from '../events/codes.ts';
import type { AbuseEvent, Detail, Refusal } from '../events/event.ts';
import type { Evidence, RefusedMail } from './block.ts';
import type { Note } from './note-cells.ts';

const ONE_BYTE = 0xff;
const WIDE = /[\u0100-\uffff]/;

/** The note of an event; undefined for an event without detail. */
export function noteOfEvent({ at, detail, ...event }: AbuseEvent): Note | undefined {
  return detail === undefined ? undefined : { at, code: codeOfEvent(event), text: noteText(detail()) };
}

export function noteOfEvidence({ at, kind, class: name, ...detail }: Evidence): Note {
  return { at: isoTime(at), code: codeOfEvent({ kind, class: name }), text: noteText(detail) };
}

export function noteOfMail({ at, ...detail }: RefusedMail): Note {
  return { at: isoTime(at), code: 0, text: noteText(detail) };
}

/** The mail that an own refusal cost; undefined for a refusal without detail. */
export function mailOf({ at, detail }: Refusal): RefusedMail | undefined {
  if (detail === undefined) return undefined;
  const { line: _, reply: __, ...mail } = detail();
  return { at: isoText(at), ...mail };
}

export function evidenceIn(notes: Iterable<Note> = []): Evidence[] {
  return JSON.parse(evidenceText(notes)) as Evidence[];
}

export function mailsIn(notes: Iterable<Note> = []): RefusedMail[] {
  return JSON.parse(mailsText(notes)) as RefusedMail[];
}

/** JSON of a list. */
export function evidenceText(notes: Iterable<Note>): string {
  return listText(notes, (code) => {
    const name = classOfCode(code);
    return `,"kind":"${kindOfCode(code)}"${name === undefined ? '' : `,"class":"${name}"`}`;
  });
}

/** JSON of a list. */
export function mailsText(notes: Iterable<Note>): string {
  return listText(notes, () => '');
}

function listText(notes: Iterable<Note>, named: (code: number) => string): string {
  let list = '';
  for (const { at, code, text } of notes) {
    const rest = text === '{}' ? '}' : `,${text.slice(1)}`;
    list += `${list === '' ? '' : ','}{"at":"${isoText(at)}"${named(code)}${rest}`;
  }
  return `[${list}]`;
}

/** JSON in characters of one byte. */
function noteText(detail: Partial<Detail>): string {
  const text = JSON.stringify(detail);
  return WIDE.test(text) ? escaped(text) : text;
}

function escaped(text: string): string {
  let narrow = '';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    narrow += code > ONE_BYTE ? `\\u${code.toString(16).padStart(4, '0')}` : text[i];
  }
  return narrow;
}
