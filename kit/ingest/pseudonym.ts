import { createHmac, randomBytes } from 'node:crypto';

/**
 * Makes the function that turns a person's identifier into a pseudonym: the first 132 bits of HMAC-SHA-256 as 22
 * characters of base64url. Identifiers that differ only in case or surrounding space are one person's.
 */
export function createPseudonym(key: string): (identifier: string) => string {
  return (identifier) =>
    createHmac('sha256', key).update(identifier.trim().toLowerCase()).digest('base64url').slice(0, 22);
}

/** A fresh key of 256 random bits, as text for a file or the environment. */
export function createPseudonymKey(): string {
  return randomBytes(32).toString('base64url');
}
