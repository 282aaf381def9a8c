import { findJsonFault } from '../kit/ingest/json-fault.ts';
import { FileError } from './importer.ts';

/** One JSON value of a body, parsed; or why its text is none. `line` is where it begins, from 1. */
export type Artifact = { readonly line: number; readonly value: unknown } | { readonly line: number; readonly problem: string };

/** An artifact may be so long: manifests of large projects have tens of megabytes in one line. */
const LONGEST_ARTIFACT = 256 * 1024 * 1024;

const [QUOTE, BACKSLASH, NEWLINE] = [0x22, 0x5c, 0x0a];
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);
const BLANK = new Set([0x20, 0x09, 0x0d, NEWLINE]);

/**
 * Cuts a stream into the objects or arrays that stand in it one behind the other, with or without anything blank between, by
 * counting brackets outside of strings.
 * @throws FileError FILE_WRONG_KIND for what is no JSON or too long, FILE_TRUNCATED where the last one has no end.
 */
export async function* readArtifacts(bytes: AsyncIterable<Uint8Array>, expected: string): AsyncGenerator<Artifact> {
  let [depth, line, startLine, length] = [0, 1, 1, 0];
  let [inString, isEscaped, isFirst] = [false, false, true];
  let parts: Uint8Array[] = [];
  for await (const chunk of bytes) {
    let from = 0;
    for (let place = 0; place < chunk.length; place += 1) {
      const byte = chunk[place] ?? 0;
      if (byte === NEWLINE) line += 1;
      if (inString) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) inString = false;
      } else if (depth === 0) {
        // A byte order mark may stand in front.
        if (BLANK.has(byte) || (isFirst && byte > 0xba)) continue;
        if (!OPENING.has(byte)) throw new FileError('FILE_WRONG_KIND', `expected ${expected}, got other text in line ${line}`);
        [depth, from, startLine, length, isFirst] = [1, place, line, 0, false];
      } else if (byte === QUOTE) inString = true;
      else if (OPENING.has(byte)) depth += 1;
      else if (CLOSING.has(byte)) {
        depth -= 1;
        if (depth > 0) continue;
        yield parse(startLine, Buffer.concat([...parts, chunk.subarray(from, place + 1)]).toString('utf8'));
        parts = [];
      }
    }
    if (depth === 0) continue;
    parts.push(Buffer.from(chunk.subarray(from)));
    length += chunk.length - from;
    if (length > LONGEST_ARTIFACT) throw new FileError('FILE_WRONG_KIND', `expected artifacts of at most 256 MiB, got a longer one from line ${startLine}`);
  }
  if (depth > 0) throw new FileError('FILE_TRUNCATED', `the JSON that begins in line ${startLine} ends before its end; fetch the file again`);
  if (isFirst) throw new FileError('FILE_WRONG_KIND', `expected ${expected}, got an empty file`);
}

function parse(line: number, text: string): Artifact {
  try {
    return { line, value: JSON.parse(text) };
  } catch (error) {
    // The reader's own message repeats a part of the text, which may name a person.
    if (error instanceof SyntaxError) return { line, problem: `expected JSON; it stops being so at offset ${findJsonFault(text) ?? text.length} of ${text.length} characters` };
    throw error;
  }
}
