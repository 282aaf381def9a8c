import { hash as digest } from 'node:crypto';
import canonicalize from 'canonicalize';

/** Canonical JSON as RFC 8785 has it: equal values give equal text. @throws TypeError for what JSON cannot say. */
export function toCanonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError(`expected a JSON value, got ${typeof value}`);
  return text;
}

/** The first 132 bits of SHA-256 over the canonical JSON, as 22 characters of base64url. */
export function hash(value: unknown): string {
  return hashText(toCanonicalJson(value));
}

/** The first 132 bits of SHA-256 over a text's UTF-8 bytes, as 22 characters of base64url. */
export function hashText(text: string): string {
  return digest('sha256', text, 'base64url').slice(0, 22);
}
