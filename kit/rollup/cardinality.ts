import { hash } from 'node:crypto';
import { estimateRegisters, mergePacked, packRegisters, raiseByHash, raiseRegister, rankOf, registerOf, REGISTERS } from './registers.ts';

/** Up to this many distinct values a count is exact. */
export const EXACT_LIMIT = 255;

/** The standard error of an estimate beyond EXACT_LIMIT: 1.04 / sqrt(registers); 95 % of estimates are within twice of it. */
export const CARDINALITY_STANDARD_ERROR = 1.04 / Math.sqrt(REGISTERS);

const EXACT = 0;
const HASH_BYTES = 8;

/**
 * How many different strings were seen: the sorted set of their 64-bit hashes while there are few, then a HyperLogLog. The
 * form depends on the content alone, so equal contents are equal bytes in any order of adding and merging.
 */
export class Cardinality {
  /** Hashes as strings of eight bytes; null once there are registers. */
  #hashes: Set<string> | null = new Set();
  #registers: Uint8Array | null = null;

  /** What `toBytes` wrote; null is the empty set. */
  static from(bytes: Uint8Array | null | undefined): Cardinality {
    const cardinality = new Cardinality();
    if (bytes) cardinality.mergeBytes(bytes);
    return cardinality;
  }

  /** True while nothing was added; an estimate would cost a walk over all registers. */
  get isEmpty(): boolean {
    return this.#registers === null && this.#hashes?.size === 0;
  }

  add(value: string): void {
    this.addHash(hashOf(value));
  }

  /** Adds what `hashOf` gave. */
  addHash(hash: string): void {
    if (this.#registers) return raiseRegister(this.#registers, registerOf(hash), rankOf(hash));
    const hashes = this.#hashes ?? new Set();
    hashes.add(hash);
    if (hashes.size > EXACT_LIMIT) this.#toRegisters();
  }

  merge(other: Cardinality): void {
    if (other.#registers) this.#mergeRegisters(other.#registers);
    else for (const hash of other.#hashes ?? []) this.addHash(hash);
  }

  /** Merges a packed count without building it. */
  mergeBytes(bytes: Uint8Array): void {
    if (bytes[0] !== EXACT) return mergePacked(this.#toRegisters(), bytes);
    if (this.#registers) {
      for (let at = 1; at < bytes.length; at += HASH_BYTES) raiseByHash(this.#registers, bytes, at);
      return;
    }
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', 1);
    for (let at = 0; at < text.length; at += HASH_BYTES) this.addHash(text.slice(at, at + HASH_BYTES));
  }

  /** Exact up to EXACT_LIMIT; beyond, within CARDINALITY_STANDARD_ERROR two times of three. A whole number. */
  estimate(): number {
    return this.#registers ? Math.round(estimateRegisters(this.#registers)) : (this.#hashes?.size ?? 0);
  }

  /** A byte for the form, then the sorted hashes or the packed registers. */
  toBytes(): Uint8Array {
    if (this.#registers) return packRegisters(this.#registers);
    return Uint8Array.from(Buffer.from('\0' + [...(this.#hashes ?? [])].sort().join(''), 'latin1'));
  }

  #toRegisters(): Uint8Array {
    if (this.#registers) return this.#registers;
    const registers = new Uint8Array(REGISTERS);
    for (const hash of this.#hashes ?? []) raiseRegister(registers, registerOf(hash), rankOf(hash));
    this.#hashes = null;
    this.#registers = registers;
    return registers;
  }

  #mergeRegisters(others: Uint8Array): void {
    const registers = this.#toRegisters();
    for (let index = 0; index < REGISTERS; index++) {
      const rank = others[index] as number;
      if (rank > (registers[index] as number)) registers[index] = rank;
    }
  }
}

/** The first 64 bits of a string's SHA-256, as eight characters of one byte each. */
export function hashOf(value: string): string {
  return hash('sha256', value, 'binary').slice(0, HASH_BYTES);
}
