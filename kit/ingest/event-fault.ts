import type { z } from 'zod';
import { isPersonalField, replacePersonalText } from './personal.ts';

type Issue = z.core.$ZodIssue;

/** Why a value is not of its schema's shape. */
export interface EventFault {
  /** The path of the field at fault, such as `show.title`; null for the value itself. */
  readonly field: string | null;
  /** Such as `expected a text, got nothing`. */
  readonly message: string;
}

/** How much of a value a message repeats, in UTF-16 units. */
const SHOWN = 80;

/**
 * Says of an issue that zod found in a value what was expected and what came. Repeats at most 80 characters of what came,
 * and nothing of a personal field, a mail address or a URL's credentials. A schema's own message, which begins with
 * `expected`, stands for zod's.
 */
export function toEventFault(issue: Issue, value: unknown): EventFault {
  const { path, closest } = closestOf(issue);
  const field = path.length === 0 ? null : path.map(String).join('.');
  const expected = expectedBy(closest);
  if (/\bgot\b/.test(expected)) return { field, message: expected };
  return { field, message: `${expected}, got ${cameOf(closest, path, value)}` };
}

/** The issue to tell of and its whole path: of a union of objects, the one of the member that comes nearest. */
function closestOf(issue: Issue, above: readonly PropertyKey[] = []): { readonly path: readonly PropertyKey[]; readonly closest: Issue } {
  const path = [...above, ...issue.path];
  if (issue.code !== 'invalid_union') return { path, closest: issue };
  const [nearest] = issue.errors.filter(([first]) => first !== undefined && first.path.length > 0).toSorted((a, b) => a.length - b.length);
  return nearest?.[0] === undefined ? { path, closest: issue } : closestOf(nearest[0], path);
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text', number: 'a number', int: 'a whole number', bigint: 'a whole number', boolean: 'true or false', array: 'a list', tuple: 'a list',
  object: 'an object', record: 'an object', date: 'a date', null: 'null', undefined: 'nothing', never: 'nothing',
};

const FORMATS: Readonly<Record<string, string>> = {
  datetime: 'an RFC 3339 instant', date: 'a date such as 2024-11-17', time: 'a time such as 12:30:00', duration: 'an ISO 8601 duration',
  uuid: 'a UUID', guid: 'a UUID', url: 'a URL', email: 'a mail address', ipv4: 'an IPv4 address', ipv6: 'an IPv6 address', base64: 'base64', json_string: 'JSON',
};

/** `expected …`, without what came. */
function expectedBy(issue: Issue): string {
  return /^expected /.test(issue.message) ? issue.message : `expected ${formOf(issue)}`;
}

function formOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? `a value of the type ${issue.expected}`;
    case 'too_small':
      if (issue.origin === 'string' && Number(issue.minimum) === 1) return 'a text that is not empty';
      return sizeOf(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'too_big':
      return sizeOf(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    case 'invalid_format':
      return FORMATS[issue.format] ?? (issue.pattern === undefined ? `a text of the form ${issue.format}` : `a text that fits ${issue.pattern}`);
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_value':
      return oneOf(issue.values);
    case 'unrecognized_keys':
      return 'no fields but those of its kind';
    case 'invalid_union':
      return unionOf(issue);
    case 'invalid_key':
    case 'invalid_element': {
      const [inner] = issue.issues;
      const form = inner === undefined ? 'one of another form' : expectedBy(inner).slice('expected '.length);
      return issue.code === 'invalid_key' ? `names of fields that are each ${form}` : `members that are each ${form}`;
    }
    case 'custom':
      return 'a value of its form';
    default:
      // A later version of zod may know issues that this one does not.
      return 'a value of its form';
  }
}

const UNITS: Readonly<Record<string, readonly [of: string, unit: string]>> = {
  string: ['a text of ', ' characters'], array: ['a list of ', ' items'], set: ['a list of ', ' items'], map: ['an object of ', ' fields'], object: ['an object of ', ' fields'],
};

function sizeOf(origin: string, bound: string, size: number | bigint): string {
  const [of, unit] = UNITS[origin] ?? [origin === 'int' ? 'a whole number of ' : 'a number of ', ''];
  return `${of}${bound} ${size}${unit}`;
}

const listed = (choices: readonly string[]): string => (choices.length < 2 ? (choices[0] ?? 'nothing') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`);

const oneOf = (values: readonly unknown[]): string => listed(values.map((each) => (typeof each === 'string' ? JSON.stringify(each) : String(each))));

function unionOf(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  if ('options' in issue && issue.options !== undefined) return oneOf(issue.options);
  const forms = issue.errors.flatMap(([first]) => (first === undefined ? [] : [expectedBy(first).slice('expected '.length)]));
  return forms.length === 0 ? 'a value of one kind' : listed([...new Set(forms)]);
}

function cameOf(issue: Issue, path: readonly PropertyKey[], value: unknown): string {
  const isHidden = path.some((name) => typeof name === 'string' && isPersonalField(name));
  if (issue.code === 'unrecognized_keys') return cut(listed(issue.keys.map((key) => JSON.stringify(key))));
  if (issue.code === 'invalid_key') return show(path.at(-1), isHidden);
  return show(valueAt(value, path), isHidden);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<PropertyKey, unknown>)[name];
  }
  return found;
}

function show(value: unknown, isHidden: boolean): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 1 ? 'a list of one item' : `a list of ${value.length} items`;
  switch (typeof value) {
    case 'string':
      return showText(value, isHidden);
    case 'number':
    case 'bigint':
      return isHidden ? 'a number' : String(value);
    case 'boolean':
      return String(value);
    case 'object':
      return 'an object';
    default:
      return `a ${typeof value}`;
  }
}

function showText(text: string, isHidden: boolean): string {
  if (isHidden) return text === '' ? 'an empty text' : `a text of ${text.length} characters`;
  const plain = replacePersonalText(text, () => '…');
  const shown = JSON.stringify(cut(plain));
  return text.length > SHOWN ? `one of ${text.length} characters: ${shown}` : shown;
}

/** At most 80 units of a text, without half a character at its end. */
const cut = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN).replace(/[\ud800-\udbff]$/, '')}…` : text);
