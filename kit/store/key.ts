import { createHash } from 'node:crypto';
import { StoreError } from './port.ts';
import type { Key, KeyPart, Range } from './port.ts';

/*
 * A key becomes one string whose UTF-8 bytes order as the port says, and both adapters use that string as it is, so
 * their order is equal by construction:
 *
 *   part*  '0' id terminator      where a part is  '1' (null) | '2' number | '3' string terminator
 *
 * Nothing below U+0005 ever occurs in it: LMDB's key encoder bends those characters.
 */
const ID = '0';
const NULL = '1';
const NUMBER = '2';
const STRING = '3';
const PAST_ALL = '4';
/** Lower than every character that a string can hold after escaping, so that a string sorts before what it begins. */
const TERMINATOR = '\u0005';
const ESCAPE = '\u0006';
const LAST_ESCAPED = 6;
/** After an escape only digits follow otherwise, so a cut string sorts after the same string that ends there. */
const CUT = `${ESCAPE}~`;

/** All string parts of a key keep their first 1,000 bytes together; what is cut keeps its identity by a hash. */
const STRING_BUDGET = 1_000;
const MOST_PARTS = 8;
/** In UTF-8 bytes. */
export const LONGEST_ID = 200;
/** In UTF-8 bytes; LMDB takes 1,978, of which an adapter needs some for the index's number. */
export const LONGEST_POSITION = 1_900;

/** 64 characters in ASCII order. */
const DIGITS = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';

const float = new DataView(new ArrayBuffer(8));

/** The bits of an IEEE 754 double, turned so that they order as the number does, six to a character. */
function encodeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new StoreError('STORE_BAD_DOCUMENT', `A key part must be a finite number, not ${value}.`);
  float.setFloat64(0, value === 0 ? 0 : value);
  const negative = (float.getUint8(0) & 0x80) !== 0;
  const high = negative ? ~float.getUint32(0) : float.getUint32(0) ^ 0x80000000;
  const low = negative ? ~float.getUint32(4) : float.getUint32(4);
  return (
    digit(high >>> 26) + digit(high >>> 20) + digit(high >>> 14) + digit(high >>> 8) + digit(high >>> 2) +
    digit((high << 4) | (low >>> 28)) +
    digit(low >>> 22) + digit(low >>> 16) + digit(low >>> 10) + digit(low >>> 4) + digit(low << 2)
  );
}

function digit(bits: number): string {
  return DIGITS.charAt(bits & 63);
}

/** Escapes what the encoding uses itself. Keeps characters until `budget` bytes are reached; says what is left of it. */
function encodeString(text: string, budget: number): { readonly encoded: string; readonly left: number } {
  let encoded = '';
  let copied = 0;
  let bytes = 0;
  let at = 0;
  while (at < text.length && bytes < budget) {
    const code = text.charCodeAt(at);
    if (code <= LAST_ESCAPED) {
      encoded += `${text.slice(copied, at)}${ESCAPE}${code}`;
      bytes += 2;
      copied = ++at;
    } else if (code >= 0xd800 && code <= 0xdbff) {
      bytes += 4;
      at += 2;
    } else {
      bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
      at += 1;
    }
  }
  encoded += text.slice(copied, at);
  if (at < text.length) encoded += `${CUT}${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`;
  return { encoded: encoded + TERMINATOR, left: Math.max(0, budget - bytes) };
}

/** Escapes a string that is used as a key by itself, so that it holds none of the characters LMDB bends. */
export function escapeText(text: string): string {
  return encodeString(text, Infinity).encoded;
}

/**
 * The encoding of a key or of a beginning of one. What stands for parts 0 to k depends on these parts only.
 * @throws StoreError `STORE_BAD_DOCUMENT` for more than 8 parts and for a part that is no KeyPart.
 */
export function encodeKey(key: Key): string {
  if (!Array.isArray(key) || key.length > MOST_PARTS) {
    const came = Array.isArray(key) ? `${key.length} parts` : typeof key;
    throw new StoreError('STORE_BAD_DOCUMENT', `A key must be an array of at most ${MOST_PARTS} parts, not ${came}.`);
  }
  let encoded = '';
  let budget = STRING_BUDGET;
  for (const part of key as readonly KeyPart[]) {
    if (part === null) {
      encoded += NULL;
    } else if (typeof part === 'number') {
      encoded += NUMBER + encodeNumber(part);
    } else if (typeof part === 'string') {
      const string = encodeString(part.toWellFormed(), budget);
      budget = string.left;
      encoded += STRING + string.encoded;
    } else {
      throw new StoreError('STORE_BAD_DOCUMENT', `A key part must be null, a number or a string, not ${typeof part}.`);
    }
  }
  return encoded;
}

/** Where the document of this id stands in an index under this key. The id must be one that `isId` takes. */
export function encodePosition(key: Key, id: string): string {
  return `${encodeKey(key)}${ID}${escapeText(id)}`;
}

/** Whether a store can hold a document of this id: a well-formed string of 1 to 200 UTF-8 bytes. */
export function isId(id: unknown): id is string {
  return (
    typeof id === 'string' &&
    id !== '' &&
    id.length <= LONGEST_ID &&
    id.isWellFormed() &&
    (id.length * 3 <= LONGEST_ID || Buffer.byteLength(id) <= LONGEST_ID)
  );
}

/** Positions from `low` (inclusive) to `high` (exclusive). */
export interface Bounds {
  readonly low: string;
  readonly high: string;
  readonly reverse: boolean;
  readonly limit: number;
}

/**
 * The bounds of a range. They may be empty (`low >= high`).
 * @throws RangeError for a limit that is not a whole number from 1 to 100,000;
 *   StoreError `STORE_BAD_DOCUMENT` for a key or a position that cannot be.
 */
export function toBounds(range: Range): Bounds {
  const { prefix = [], from, to, after, before, reverse = false, limit } = range;
  if (!Number.isInteger(limit) || limit < 1 || limit > 100_000) {
    throw new RangeError(`A range's limit must be a whole number from 1 to 100,000, not ${limit}.`);
  }
  const stem = encodeKey(prefix);
  let low = from === undefined ? stem : encodeKey([...prefix, from]);
  let high = to === undefined ? stem + PAST_ALL : encodeKey([...prefix, to]);
  if (after !== undefined) {
    const next = followingPosition(checkPosition(after));
    if (comparePositions(next, low) > 0) low = next;
  }
  if (before !== undefined && comparePositions(checkPosition(before), high) < 0) high = before;
  return { low, high, reverse, limit };
}

/** The lowest string that can stand behind this position. */
export function followingPosition(position: string): string {
  return position + TERMINATOR;
}

function checkPosition(position: unknown): string {
  if (typeof position !== 'string' || !position.isWellFormed() || Buffer.byteLength(position) > LONGEST_POSITION) {
    throw new StoreError('STORE_BAD_DOCUMENT', 'A position must be one that a scan of the same index returned.');
  }
  // LMDB's encoder would bend these; no position holds them, so what comes next in order is the same.
  for (let at = 0; at < position.length; at++) if (position.charCodeAt(at) < 5) return position.slice(0, at);
  return position;
}

/** Orders as the UTF-8 bytes do: unlike `<`, which puts U+E000 to U+FFFF after what lies beyond them. */
export function comparePositions(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return byCodePoint(left) - byCodePoint(right);
  }
  return a.length - b.length;
}

function byCodePoint(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
