import { DEEPEST_EVENT } from './sayable.ts';

/**
 * What holds people or secrets, by field name or by form. Everything that is written passes through `replacePersonal`
 * first: what is declared here is replaced, all else is kept as it came.
 */

/** Field names, in lower case without separators, whose text names a person: replaced by the person's pseudonym. */
const PERSON_FIELDS: readonly RegExp[] = [
  /^(?:user|userid|userlogin|login|mail|triggeringusername|username)$/,
  // `contactEmail`, `recipient_email_address`, `EmailAddress`, `mailAddress`.
  /^.*email(?:addr|address|id)?$|^mailaddress$/,
  // `RecipientLastName`, `given_name`, `fullName`; a name alone may be any thing's.
  /^.*(?:first|last|middle|maiden|given|family|full|sur)name$/,
  /^(?:recipient|respondent|participant|panelist|invitee|employee)(?:s?name|id)$/,
];

/** Field names whose value is removed and said to be removed: secrets, addresses, places, numbers that the state gives. */
const SECRET_FIELDS: readonly RegExp[] = [
  // `passwd`, `dbPassword`, `client_secret`, `AWS_SECRET_KEY`, `sasToken`.
  /^.*(?:password|passwd|passphrase|secret|apikey|privatekey|secretkey|credentials?)$/,
  /^(?:.*(?:access|auth|bearer|id|refresh|sas|security|session)|api)?token$|^authorization$/,
  /^(?:client|remote|user|source|recipient)?ip(?:v[46])?(?:addr|address)?$|^(?:remote|client)addr(?:ess)?$/,
  /^.*(?:latitude|longitude)$|^(?:geolocation|geocoordinates|gps|gpscoordinates)$/,
  /^(?:cell|contact|home|mobile|office|recipient|user|work)?(?:telephone|phone)(?:no|number)?$|^mobilenumber$/,
  /^(?:home|postal|street|mailing|billing)address$|^(?:postal|zip)code$|^postcode$/,
  /^(?:birthdate|birthday|dateofbirth|dob|iban|nationalid|passportnumber|socialsecuritynumber|ssn|taxid)$/,
];

/** Objects whose values are environment variables: names are kept, values are removed. */
const ENVIRONMENT_FIELDS = new Set(['environmentvariables', 'environment', 'env', 'environ']);

const REMOVED = '[removed]';
const MAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
const URL_CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@:]+(?::[^\s/@]*)?@/gi;

const normalise = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** What a field's name declares it to hold. Names come again and again, so that each is judged once. */
type Holds = 'person' | 'secret' | 'environment' | 'other';
const judged = new Map<string, Holds>();
/** Senders choose names: what is remembered of them stays bounded. */
const MOST_JUDGED = 10_000;

function holds(name: string): Holds {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const normal = normalise(name);
  const is = (rules: readonly RegExp[]): boolean => normal.length <= 100 && rules.some((rule) => rule.test(normal));
  const result = ENVIRONMENT_FIELDS.has(normal) ? 'environment' : is(SECRET_FIELDS) ? 'secret' : is(PERSON_FIELDS) ? 'person' : 'other';
  if (judged.size >= MOST_JUDGED) judged.clear();
  // Nor are long ones remembered: a sender could fill memory with them.
  if (name.length <= 100) judged.set(name, result);
  return result;
}

/** True for the name of a field that is declared to hold a person, a secret, an address or a place. */
export function isPersonalField(name: string): boolean {
  const what = holds(name);
  return what === 'person' || what === 'secret';
}

/** A text without mail addresses (each replaced by a pseudonym) and without credentials in URLs. */
export function replacePersonalText(text: string, pseudonym: (identifier: string) => string): string {
  if (!text.includes('@')) return text;
  return text.replace(URL_CREDENTIALS, `$1${REMOVED}@`).replace(MAIL, (mail) => `person:${pseudonym(mail)}`);
}

/** A text of which only the shape is left, for bytes whose fields cannot be told: letters are x and digits are 0. */
export function maskText(text: string): string {
  return text.toWellFormed().replace(/[\p{L}\p{M}]/gu, 'x').replace(/\p{N}/gu, '0');
}

/**
 * A copy of a JSON value in which declared personal fields are pseudonyms, as are mail addresses in texts and names of fields, and
 * declared secrets are removed. Shape and order are kept. Nesting deeper than DEEPEST_EVENT is refused with a RangeError.
 */
export function replacePersonal<T>(value: T, pseudonym: (identifier: string) => string): T {
  return replaceIn(value, pseudonym, 0) as T;
}

function replaceIn(value: unknown, pseudonym: (identifier: string) => string, depth: number): unknown {
  if (depth > DEEPEST_EVENT) throw new RangeError(`expected at most ${DEEPEST_EVENT} levels of nesting`);
  if (typeof value === 'string') return replacePersonalText(value, pseudonym);
  if (Array.isArray(value)) return value.map((item) => replaceIn(item, pseudonym, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    const replaced = replaceField(name, item, pseudonym, depth);
    // Assigning to `__proto__` would set the prototype.
    if (name === '__proto__') Object.defineProperty(copy, name, { value: replaced, enumerable: true, configurable: true, writable: true });
    // An address may be what a count or a vote stands under.
    else copy[replacePersonalText(name, pseudonym)] = replaced;
  }
  return copy;
}

function replaceField(name: string, item: unknown, pseudonym: (identifier: string) => string, depth: number): unknown {
  const what = holds(name);
  if (what === 'environment' && typeof item === 'object' && item !== null) return removeValues(item, pseudonym);
  if (what === 'secret' && (typeof item === 'number' || (typeof item === 'string' && item !== ''))) return REMOVED;
  if (what === 'secret' && Array.isArray(item)) {
    return item.map((each: unknown) => (typeof each === 'string' || typeof each === 'number' ? REMOVED : replaceIn(each, pseudonym, depth + 2)));
  }
  if (what === 'person' && Array.isArray(item)) {
    return item.map((each: unknown) => (typeof each === 'string' ? toPerson(each, pseudonym) : replaceIn(each, pseudonym, depth + 2)));
  }
  if (what === 'person' && typeof item === 'string') return toPerson(item, pseudonym);
  // A number under `user` can be a count; under `userId` it is a name.
  if (what === 'person' && typeof item === 'number' && /id$/i.test(name)) return toPerson(String(item), pseudonym);
  return replaceIn(item, pseudonym, depth + 1);
}

function toPerson(identifier: string, pseudonym: (identifier: string) => string): string {
  return identifier === '' || identifier.startsWith('person:') ? identifier : `person:${pseudonym(identifier)}`;
}

function removeValues(environment: object, pseudonym: (identifier: string) => string): unknown {
  if (Array.isArray(environment)) {
    return environment.map((entry: unknown) =>
      typeof entry === 'object' && entry !== null && 'name' in entry ? { name: replaceIn(entry.name, pseudonym, 0), value: REMOVED } : REMOVED,
    );
  }
  return Object.fromEntries(Object.keys(environment).map((name) => [replacePersonalText(name, pseudonym), REMOVED]));
}
