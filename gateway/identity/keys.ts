import { createHash } from 'node:crypto';
import { parseGrant, type Caller, type Grant } from './caller.ts';

/** The shortest key that is taken, in characters: 128 bits written as base64. */
const API_KEY_LENGTH = 22;

const digestOf = (key: string): string => createHash('sha256').update(key).digest('base64url');

/** Callers by the digest of their key: the keys themselves are not held. */
export type Keys = ReadonlyMap<string, Caller>;

/** What is wrong with the text of API_KEYS; never holds a key. */
export class KeysProblem extends Error {
  override readonly name = 'KeysProblem';
}

function parseKey(line: string, place: string): readonly [digest: string, caller: Caller] {
  const [name = '', roles = '', key = ''] = line.trim().split(/\s+/);
  if (key === '') throw new KeysProblem(`${place}: expected a name, roles and a key with spaces between`);
  const grants = roles.split('+').map((text): Grant => {
    const grant = parseGrant(text);
    if (grant === null) throw new KeysProblem(`${place} (${name}): expected roles of read, emit, emit:SOURCE, own, own:TEAM and admin with + between, got "${text}"`);
    return grant;
  });
  if (key.length < API_KEY_LENGTH) throw new KeysProblem(`${place} (${name}): expected a key of at least ${API_KEY_LENGTH} characters, such as the output of: openssl rand -base64 32`);
  return [digestOf(key), { name, grants }];
}

/**
 * Reads keys, one a line or with semicolons between: `NAME ROLES KEY`, such as `notebooks read 9x…; players emit:web-player k3…`.
 * @throws KeysProblem that names the entry by its place and name
 */
export function parseKeys(text: string): Keys {
  const keys = new Map<string, Caller>();
  const names = new Set<string>();
  for (const [index, line] of text.split(/[;\n]/).map((each) => each.trim()).filter((each) => each !== '').entries()) {
    const [digest, caller] = parseKey(line, `entry ${index + 1}`);
    if (keys.has(digest)) throw new KeysProblem(`entry ${index + 1} (${caller.name}): expected a key of its own, got that of an earlier entry`);
    if (names.has(caller.name)) throw new KeysProblem(`entry ${index + 1}: expected a name of its own, got "${caller.name}" again`);
    names.add(caller.name);
    keys.set(digest, caller);
  }
  return keys;
}

/** The caller of a key; null where there is none. Looked up by digest, so that the time it takes tells nothing of a key. */
export function findKey(keys: Keys, key: string): Caller | null {
  return keys.get(digestOf(key)) ?? null;
}
