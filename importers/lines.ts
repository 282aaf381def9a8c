import { TextDecoder } from 'node:util';
import { FileError } from './importer.ts';

/** A line longer than this is no line of a text file: 16 MiB. */
const LONGEST_LINE = 16 * 1024 * 1024;

/** One line without its end (`\n` or `\r\n`), as bytes of UTF-8, numbered from 1. */
export interface Line {
  readonly line: number;
  readonly bytes: Buffer;
}

/**
 * Cuts a stream into lines, without the byte order mark; UTF-16 with a byte order mark, as spreadsheets save it, is
 * turned into UTF-8. An unended last line counts.
 * @throws FileError FILE_WRONG_KIND where a line passes 16 MiB.
 */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 0;
  for await (const chunk of withoutMark(bytes)) {
    const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = text.indexOf(10, start); end !== -1; end = text.indexOf(10, start)) {
      line += 1;
      yield { line, bytes: withoutReturn(text.subarray(start, end)) };
      start = end + 1;
    }
    rest = text.subarray(start);
    if (rest.length > LONGEST_LINE) {
      throw new FileError('FILE_WRONG_KIND', `expected lines of text, got a line ${line + 1} of more than 16 MiB`);
    }
  }
  if (rest.length > 0) yield { line: line + 1, bytes: withoutReturn(rest) };
}

function withoutReturn(bytes: Buffer): Buffer {
  return bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes;
}

async function* withoutMark(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0);
  let utf16: TextDecoder | null = null;
  for await (const chunk of bytes) {
    let next = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (head !== null) {
      next = Buffer.concat([head, next]);
      head = next;
      if (next.length < 3) continue;
      head = null;
      const encoding = next[0] === 0xff && next[1] === 0xfe ? 'utf-16le' : next[0] === 0xfe && next[1] === 0xff ? 'utf-16be' : null;
      if (encoding !== null) utf16 = new TextDecoder(encoding);
      else if (next[0] === 0xef && next[1] === 0xbb && next[2] === 0xbf) next = next.subarray(3);
    }
    yield utf16 === null ? next : Buffer.from(utf16.decode(next, { stream: true }));
  }
  if (head !== null && head.length > 0) yield head;
  if (utf16 !== null) yield Buffer.from(utf16.decode());
}

/** The text of bytes of UTF-8, or null where they are not. */
export function toText(bytes: Buffer): string | null {
  const text = bytes.toString('utf8');
  // A replacement character stands for broken bytes, unless the file itself holds one (EF BF BD).
  return text.includes('\uFFFD') && !bytes.includes('\uFFFD') ? null : text;
}

/** What kind of thing begins with these bytes, where it is surely no delimited text; null where it may be one. */
export function foreignKind(start: Buffer): string | null {
  if (start.length === 0) return 'an empty file';
  if (start.includes(0)) return 'binary data';
  if (start.subarray(0, 2).toString('latin1') === 'PK') return 'a zip archive or spreadsheet; save it as CSV first';
  if (start.subarray(0, 5).toString('latin1') === '%PDF-') return 'a PDF document';
  const text = start.toString('utf8').trimStart();
  if (text.startsWith('<')) return 'a web page or XML';
  if (/^(?:\{|\[\s*(?:[{"[\]\d-]|$))/.test(text)) return 'JSON';
  if (/^null\s*$/.test(text)) return 'the word null';
  return null;
}
