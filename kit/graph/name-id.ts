import { createHash } from 'node:crypto';

/** The longest name, in bytes of UTF-8, that its id carries: the id stays short enough to be a part of other keys. */
export const NAME_BYTES = 96;

/**
 * The id of an entity whose natural key is its name alone and which others may name before anyone registers it:
 * `${type}:${base64url(name)}`, so that whoever holds the id can still say the name. A name of more than NAME_BYTES bytes
 * gives 21 characters of its hash, a length that no base64url has, so it carries no name. Opaque to clients, like every id.
 */
export function toNameId(type: string, name: string): string {
  const bytes = Buffer.from(name, 'utf8');
  if (bytes.length <= NAME_BYTES) return `${type}:${bytes.toString('base64url')}`;
  return `${type}:${createHash('sha256').update(bytes).digest('base64url').slice(0, 21)}`;
}

/** The name that an id of `toNameId` carries; null where it carries none or is not such an id. */
export function nameOfId(type: string, id: string): string | null {
  if (!id.startsWith(`${type}:`)) return null;
  const name = Buffer.from(id.slice(type.length + 1), 'base64url').toString('utf8');
  return name !== '' && toNameId(type, name) === id ? name : null;
}
