import { isJsonObject } from '../kit/ingest/json-object.ts';
import { FileError } from './importer.ts';
import { findJsonFault } from '../kit/ingest/json-fault.ts';
import { foreignKind, readLines, toText } from './lines.ts';
import { shown } from './cells.ts';

/** One JSON value of a file, or why its text is none. `line` is where it begins. */
export type JsonRow = { readonly line: number; readonly value: unknown } | { readonly line: number; readonly problem: string };

/** A single value may be so long, in characters: 16 Mi. */
const LONGEST_VALUE = 16 * 1024 * 1024;

/**
 * Streams the values of a JSON array, or of a file with a value a line (NDJSON, JSON Lines) or over several (indented). A
 * broken line is a problem of its own; inside an array a broken value is, as long as its brackets match.
 * @throws FileError FILE_WRONG_KIND for what is no JSON, FILE_TRUNCATED for an array without its end.
 */
export async function* readJsonValues(bytes: AsyncIterable<Uint8Array>, expected: string): AsyncGenerator<JsonRow> {
  let array: ArrayReader | null = null;
  const pending = new PendingValue();
  let isFirst = true;
  for await (const { line, bytes: content } of readLines(bytes)) {
    const text = toText(content);
    if (isFirst && (text === null || text.trim() !== '')) {
      isFirst = false;
      const start = text?.trimStart() ?? '';
      if (!/^[[{]/.test(start)) {
        const kind = foreignKind(content) ?? (text === null ? 'text that is not UTF-8' : `a line ${shown(start)}`);
        throw new FileError('FILE_WRONG_KIND', `expected ${expected}, got ${kind}`);
      }
      if (start.startsWith('[')) array = new ArrayReader();
    }
    if (text === null) yield { line, problem: 'expected text in UTF-8, got other bytes' };
    else if (array !== null) yield* array.push(line, text);
    else yield* pending.push(line, text);
  }
  if (isFirst) throw new FileError('FILE_WRONG_KIND', `expected ${expected}, got an empty file`);
  yield* pending.end();
  if (array !== null && !array.ended) throw new FileError('FILE_TRUNCATED', 'the JSON array ends before its `]`; fetch the file again');
}

/** The error of a file whose first value is of another kind, told by the names of its members. */
export function toWrongKind(expected: string, value: unknown, line: number): FileError {
  const got = isJsonObject(value) ? `an object with ${Object.keys(value).slice(0, 6).join(', ') || 'nothing in it'}` : typeof value;
  return new FileError('FILE_WRONG_KIND', `expected ${expected}, got ${got} in line ${line}`);
}

function parse(line: number, text: string): JsonRow {
  try {
    return { line, value: JSON.parse(text) };
  } catch (error) {
    // The reader's own message repeats a part of the text, which may name a person.
    if (error instanceof SyntaxError) return { line, problem: `expected JSON; it stops being so at offset ${findJsonFault(text) ?? text.length} of ${text.length} characters` };
    throw error;
  }
}

/**
 * Reads a value a line, or over several lines where it is indented. A line that is a whole object by itself ends what was
 * open before it: then that was a broken line, and only that one is.
 */
class PendingValue {
  private first: { readonly line: number; readonly text: string } | null = null;
  private rest: string[] = [];
  private length = 0;
  private depth = 0;

  *push(line: number, text: string): Generator<JsonRow> {
    if (text.trim() === '') return;
    if (this.first === null || /^[[{]/.test(text)) {
      const row = parse(line, text);
      if ('value' in row || this.first === null) {
        const depth = depthOf(text);
        yield* this.end();
        if ('value' in row || depth <= 0) yield row;
        else {
          this.first = { line, text };
          this.depth = depth;
        }
        return;
      }
    }
    this.rest.push(text);
    this.length += text.length;
    this.depth += depthOf(text);
    if (this.depth <= 0) yield this.close();
    else if (this.length > LONGEST_VALUE) yield* this.end();
  }

  /** What is open when nothing more comes is a broken line. */
  *end(): Generator<JsonRow> {
    if (this.first === null) return;
    const row = parse(this.first.line, this.first.text);
    this.close();
    yield row;
  }

  private close(): JsonRow {
    const { line, text } = this.first ?? { line: 0, text: '' };
    const whole = parse(line, [text, ...this.rest].join('\n'));
    this.first = null;
    this.rest = [];
    this.length = 0;
    this.depth = 0;
    return whole;
  }
}

/** How many more brackets a line opens than it closes, outside of strings. */
function depthOf(text: string): number {
  let depth = 0;
  let inString = false;
  for (let place = 0; place < text.length; place += 1) {
    const character = text[place];
    if (inString) {
      if (character === '\\') place += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
  }
  return depth;
}

/** Cuts an array into its values by counting brackets outside of strings. */
class ArrayReader {
  ended = false;
  private depth = 0;
  private inString = false;
  private text = '';
  private startLine = 0;

  *push(line: number, text: string): Generator<JsonRow> {
    // Arrays one behind the other, a batch a line.
    if (this.ended && text.trimStart().startsWith('[')) this.ended = false;
    if (this.ended) {
      if (text.trim() !== '') yield { line, problem: 'expected nothing behind the end of the array' };
      return;
    }
    // No JSON string holds a line end, so one that is still open is broken, and only its own value is.
    this.inString = false;
    let from = 0;
    for (let place = 0; place < text.length; place += 1) {
      const character = text[place];
      if (this.inString) {
        if (character === '\\') place += 1;
        else if (character === '"') this.inString = false;
      } else if (character === '"') this.inString = true;
      else if (character === '[' || character === '{') {
        this.depth += 1;
        if (this.depth === 1) from = place + 1;
      } else if (character === ']' || character === '}') {
        this.depth -= 1;
        if (this.depth === 0) {
          yield* this.close(line, text.slice(from, place));
          this.ended = true;
          return;
        }
      } else if (character === ',' && this.depth === 1) {
        yield* this.close(line, text.slice(from, place));
        from = place + 1;
      }
    }
    const rest = text.slice(from);
    if (this.text === '' && rest.trim() === '') return;
    if (this.text === '') this.startLine = line;
    this.text += `${rest}\n`;
    if (this.text.length > LONGEST_VALUE) throw new FileError('FILE_WRONG_KIND', `expected values of at most 16 Mi characters, got one from line ${this.startLine}`);
  }

  private *close(line: number, rest: string): Generator<JsonRow> {
    const startLine = this.text === '' ? line : this.startLine;
    const text = this.text + rest;
    this.text = '';
    if (text.trim() !== '') yield parse(startLine, text);
  }
}
