import { isId, LONGEST_ID } from './key.ts';
import { StoreError } from './port.ts';
import type { Document } from './port.ts';

/** Levels of nesting; MongoDB takes 100 with its own. */
const DEEPEST = 80;
/** In bytes; MongoDB takes 16 MiB with the index keys. */
const LARGEST = 15 * 1024 * 1024;

/** A document as every reader will see it, checked, and what the adapters need to know to store it. */
export interface CheckedDocument {
  readonly document: Document;
  /** Roughly, in bytes. */
  readonly size: number;
  /** It holds byte arrays or names that no codec keeps as they are: `guard` before encoding, `unguard` after decoding. */
  readonly guarded: boolean;
}

interface Walk {
  size: number;
  guarded: boolean;
}

/**
 * Checks that a document is what JSON can say and byte arrays, and returns it with undefined members left out, -0 as 0
 * and strings well-formed, so that it reads back equal from every store. What needs no change is not copied.
 * @throws StoreError `STORE_BAD_DOCUMENT`, naming the path.
 */
export function checkDocument(document: Document): CheckedDocument {
  const { id }: { id: unknown } = document;
  if (!isId(id)) {
    const came = typeof id === 'string' ? `${Buffer.byteLength(id)} bytes: ${JSON.stringify(id.slice(0, 60))}` : typeof id;
    throw new StoreError('STORE_BAD_DOCUMENT', `A document's id must be a well-formed string of 1 to ${LONGEST_ID} UTF-8 bytes, not ${came}.`);
  }
  const walk: Walk = { size: 0, guarded: false };
  const checked = check(document, walk, []) as Document;
  if (walk.size > LARGEST) {
    throw new StoreError('STORE_BAD_DOCUMENT', `The document ${JSON.stringify(id)} has about ${walk.size} bytes; a store holds at most ${LARGEST}.`);
  }
  return { document: checked, size: walk.size, guarded: walk.guarded };
}

function check(value: unknown, walk: Walk, path: (string | number)[]): unknown {
  switch (typeof value) {
    case 'string':
      walk.size += 4 + (value.length < 256 ? value.length : Buffer.byteLength(value));
      return value.isWellFormed() ? value : value.toWellFormed();
    case 'number':
      walk.size += 9;
      if (!Number.isFinite(value)) refuse(path, `a finite number, not ${value}`);
      return value === 0 ? 0 : value;
    case 'boolean':
      walk.size += 1;
      return value;
    case 'object':
      break;
    default:
      return refuse(path, `JSON or a byte array, not ${typeof value}`);
  }
  walk.size += 6;
  if (value === null) return null;
  if (path.length > DEEPEST) refuse(path, `nested at most ${DEEPEST} deep`);
  if (Array.isArray(value)) return checkArray(value, walk, path);
  if (value instanceof Uint8Array) {
    walk.size += value.byteLength;
    walk.guarded = true;
    return value.constructor === Uint8Array ? value : new Uint8Array(value);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    const name = value.constructor?.name;
    refuse(path, `JSON or a byte array, not ${typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an instance of a class'}`);
  }
  return checkObject(value as Record<string, unknown>, walk, path);
}

function checkArray(value: readonly unknown[], walk: Walk, path: (string | number)[]): unknown {
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at++) {
    const before = value[at];
    path.push(at);
    // What JSON.stringify makes of a hole.
    const after = before === undefined ? null : check(before, walk, path);
    path.pop();
    if (copy === undefined && !Object.is(before, after)) copy = value.slice(0, at);
    copy?.push(after);
  }
  return copy ?? value;
}

function checkObject(value: Record<string, unknown>, walk: Walk, path: (string | number)[]): unknown {
  const names = Object.keys(value);
  let copy: Record<string, unknown> | undefined;
  for (let at = 0; at < names.length; at++) {
    const name = names[at] as string;
    const before = value[name];
    const known = name.isWellFormed() ? name : name.toWellFormed();
    walk.size += 3 + name.length;
    if (!walk.guarded && needsGuard(known)) walk.guarded = true;
    let after: unknown;
    if (before !== undefined) {
      path.push(name);
      after = check(before, walk, path);
      path.pop();
    }
    if (copy === undefined && (before === undefined || known !== name || !Object.is(before, after))) {
      copy = {};
      for (const earlier of names.slice(0, at)) setOwn(copy, earlier, value[earlier]);
    }
    if (copy !== undefined && before !== undefined) setOwn(copy, known, after);
  }
  return copy ?? value;
}

function refuse(path: readonly (string | number)[], expected: string): never {
  throw new StoreError('STORE_BAD_DOCUMENT', `A document's ${path.length === 0 ? 'root' : path.join('.')} must be ${expected}.`);
}

/** Assignment would change the prototype instead where the name is `__proto__`. */
function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[name] = value;
  }
}

/**
 * `_bsontype` and `$ref` turn an object into a BSON class, BSON leaves an object undecoded under the names of
 * Object.prototype and has no U+0000 in names; MessagePack renames `__proto__` and calls `toJSON`.
 */
function needsGuard(name: string): boolean {
  return name.startsWith('%') || name === '_bsontype' || name === '$ref' || name === 'toJSON' || name in Object.prototype || name.includes('\0');
}

/** The same value with names replaced that a codec would bend. */
export function guard(value: unknown): unknown {
  return rename(value, (name) => (needsGuard(name) ? `%${name.replaceAll('%', '%25').replaceAll('\0', '%00')}` : name));
}

/** Turns back what `guard` did, and makes plain Uint8Arrays of a codec's buffers. Changes the value, which a codec has just made. */
export function unguard(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return value.constructor === Uint8Array ? value : new Uint8Array(value);
  const names = Object.keys(value);
  if (!Array.isArray(value) && names.some((name) => name.startsWith('%'))) {
    const renamed: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(value)) {
      setOwn(renamed, name.startsWith('%') ? name.slice(1).replaceAll('%00', '\0').replaceAll('%25', '%') : name, unguard(member));
    }
    return renamed;
  }
  const members = value as Record<string, unknown>;
  for (const name of names) {
    const member = members[name];
    // Names that need a setter of its own are guarded, so this is an own member.
    if (typeof member === 'object' && member !== null) members[name] = unguard(member);
  }
  return value;
}

function rename(value: unknown, toName: (name: string) => string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => rename(element, toName));
  if (value instanceof Uint8Array) return value.constructor === Uint8Array ? value : new Uint8Array(value);
  const renamed: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) setOwn(renamed, toName(name), rename(member, toName));
  return renamed;
}

/** Whether two checked documents are equal, whatever the order of their names. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((element, at) => isSame(element, b[at]));
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => Object.hasOwn(right, name) && isSame(left[name], right[name]));
}
