/**
 * What holds people or secrets, by field name or by form. Everything that is written passes through `replacePersonal`
 * first: what is declared here is replaced, all else is kept as it came.
 */

/** Field names, in lower case without separators, whose text names a person: replaced by the person's pseudonym. */
const PERSON_FIELDS = new Set([
  'email', 'emailaddress', 'recipientemail', 'mail', 'user', 'username', 'userid', 'userlogin', 'login',
  'triggeringusername', 'recipientlastname', 'recipientfirstname', 'firstname', 'lastname', 'fullname',
]);

/** Field names whose value is removed and said to be removed: secrets, addresses, places. */
const SECRET_FIELDS = new Set([
  'ipaddress', 'ip', 'clientip', 'remoteaddr', 'locationlatitude', 'locationlongitude', 'password', 'passwd', 'secret',
  'token', 'accesstoken', 'apikey', 'authorization', 'credential', 'credentials', 'privatekey', 'secretkey',
]);

/** Objects whose values are environment variables: names are kept, values are removed. */
const ENVIRONMENT_FIELDS = new Set(['environmentvariables', 'environment', 'env', 'environ']);

const REMOVED = '[removed]';
const MAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
const URL_CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@:]+(?::[^\s/@]*)?@/gi;

const normalise = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** True for the name of a field that is declared to hold a person, a secret, an address or a place. */
export function isPersonalField(name: string): boolean {
  const normal = normalise(name);
  return PERSON_FIELDS.has(normal) || SECRET_FIELDS.has(normal);
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
 * A copy of a JSON value in which declared personal fields are pseudonyms and declared secrets are removed. Shape and
 * order are kept. Nesting deeper than 200 is refused with a RangeError.
 */
export function replacePersonal<T>(value: T, pseudonym: (identifier: string) => string): T {
  return replaceIn(value, pseudonym, 0) as T;
}

function replaceIn(value: unknown, pseudonym: (identifier: string) => string, depth: number): unknown {
  if (depth > 200) throw new RangeError('expected at most 200 levels of nesting');
  if (typeof value === 'string') return replacePersonalText(value, pseudonym);
  if (Array.isArray(value)) return value.map((item) => replaceIn(item, pseudonym, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    // defineProperty, since assigning to `__proto__` would set the prototype.
    Object.defineProperty(copy, name, {
      value: replaceField(normalise(name), item, pseudonym, depth),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return copy;
}

function replaceField(name: string, item: unknown, pseudonym: (identifier: string) => string, depth: number): unknown {
  if (typeof item === 'string' && item !== '') {
    if (SECRET_FIELDS.has(name)) return REMOVED;
    if (PERSON_FIELDS.has(name)) return item.startsWith('person:') ? item : `person:${pseudonym(item)}`;
  } else if (typeof item === 'number' && SECRET_FIELDS.has(name)) {
    return REMOVED;
  } else if (ENVIRONMENT_FIELDS.has(name) && typeof item === 'object' && item !== null) {
    return removeValues(item);
  }
  return replaceIn(item, pseudonym, depth + 1);
}

function removeValues(environment: object): unknown {
  if (Array.isArray(environment)) {
    return environment.map((entry: unknown) =>
      typeof entry === 'object' && entry !== null && 'name' in entry ? { name: entry.name, value: REMOVED } : REMOVED,
    );
  }
  return Object.fromEntries(Object.keys(environment).map((name) => [name, REMOVED]));
}
