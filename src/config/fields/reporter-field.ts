// The option reporter: of policy.yml: who signs abuse reports.

import { isClientName } from '../../blocks/allow.ts';
import type { Fields, OptionNode } from './fields.ts';

export interface Reporter {
  /** name of the organization */
  readonly org: string;
  /** a mail address */
  readonly contact: string;
  readonly domain: string;
}

/** XARF 4, contact_info: "maxLength": 200. */
const MAX_ORG = 200;
const LOCAL = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}$/;

export function readReporter(place: OptionNode, fields: Fields): Reporter | undefined {
  const options = fields.map(place, 'org, contact and domain');
  if (options === undefined) return undefined;
  const org = options.required('org', (at) => readOrg(at, fields), 'Example Mail');
  const contact = options.required('contact', (at) => readContact(at, fields), 'abuse@example.com');
  const ofContact = contact?.slice(contact.indexOf('@') + 1) ?? '';
  const domain = options.optional('domain', (at) => readDomain(at, fields), ofContact);
  options.finish();
  return org === undefined || contact === undefined || domain === undefined
    ? undefined
    : { org, contact, domain };
}

function readOrg(place: OptionNode, fields: Fields): string | undefined {
  const text = fields.text(place, 'the name of an organization');
  if (text === undefined || text.length <= MAX_ORG) return text;
  return fields.wrong(place, `is too long; expected at most ${MAX_ORG} characters`);
}

function readContact(place: OptionNode, fields: Fields): string | undefined {
  const text = fields.text(place, 'a mail address');
  const [local = '', domain = '', ...rest] = text?.split('@') ?? [];
  if (text === undefined || (rest.length === 0 && LOCAL.test(local) && isDomain(domain))) return text;
  return fields.wrong(place, `${JSON.stringify(text.slice(0, 60))} is not a mail address; expected one`);
}

function readDomain(place: OptionNode, fields: Fields): string | undefined {
  const text = fields.text(place, 'a domain');
  if (text === undefined || isDomain(text)) return text;
  return fields.wrong(place, `${JSON.stringify(text.slice(0, 60))} is not a domain; expected one`);
}

function isDomain(text: string): boolean {
  return isClientName(text.toLowerCase()) && !text.startsWith('.') && !text.includes('_');
}
