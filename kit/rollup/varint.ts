const FIRST_BYTES = 1_024;
const MOST_SPARE = 65_536;
/** One writer after another uses the same bytes: most write little, and making memory for each costs more than what they write. */
let spare: Uint8Array | null = null;

function copy(bytes: Uint8Array): Uint8Array {
  // From Node's pool where they are few.
  const buffer = Buffer.allocUnsafe(bytes.length);
  buffer.set(bytes);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, bytes.length);
}

/** Writes whole numbers of 0 to 2^53 - 1, seven bits a byte, low bits first (the varint of Protocol Buffers). */
export class VarintWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor() {
    this.#bytes = spare ?? new Uint8Array(FIRST_BYTES);
    spare = null;
  }

  unsigned(value: number): void {
    // Eight bytes are the most that 2^53 - 1 takes.
    if (this.#length + 8 > this.#bytes.length) this.#grow(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** Zigzag: 0, -1, 1, -2, … become 0, 1, 2, 3, … */
  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Bytes as they are. */
  bytes(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** What was written. Nothing more may be written after it. */
  toBytes(): Uint8Array {
    const bytes = copy(this.#bytes.subarray(0, this.#length));
    if (this.#bytes.length <= MOST_SPARE) spare = this.#bytes;
    this.#bytes = new Uint8Array();
    this.#length = 0;
    return bytes;
  }

  #grow(by: number): void {
    const grown = new Uint8Array(2 * (this.#length + by));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Reads what VarintWriter wrote. */
export class VarintReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** @throws RangeError where the bytes end inside a number. */
  unsigned(): number {
    const first = this.#bytes[this.#at];
    if (first !== undefined && first < 0x80) {
      this.#at++;
      return first;
    }
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError(`Expected a whole varint, got bytes that end inside one, after ${this.#bytes.length}.`);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  /** The next bytes, not copied. @throws RangeError where there are fewer. */
  bytes(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError(`Expected ${length} more bytes, got ${this.#bytes.length - this.#at}.`);
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }
}
