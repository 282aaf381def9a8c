import { createGunzip } from 'node:zlib';
import { pipeline, Readable } from 'node:stream';
import type { Receipt } from '../kit/subgraph.ts';
import { FileError, type Importer, type Parameters } from './importer.ts';

/** How many events of one kind go to their receiver at once. */
export const BATCH_SIZE = 2_000;
/** How many rejected rows a summary names; the rest are only counted. */
export const NAMED_REJECTIONS = 1_000;

/** A row of a file that was not taken. */
export interface RejectedRow {
  /** Where the row begins in the (unzipped) file, from 1. */
  readonly line: number;
  readonly code: string;
  readonly field: string | null;
  readonly message: string;
}

/** What became of a file's rows: `rows = accepted + repeated + rejectedTotal`. */
export interface Summary {
  readonly rows: number;
  readonly accepted: number;
  readonly repeated: number;
  readonly rejectedTotal: number;
  /** The first NAMED_REJECTIONS of them, by line. */
  readonly rejected: readonly RejectedRow[];
}

/** Brings events of one kind to the subgraph that owns the kind; the receipt is that of these events. */
export type Send = (kind: string, events: readonly unknown[]) => Promise<Receipt>;

/** How far an import is: bytes read of the file as it lies on disk, and the counts of the summary. */
export interface Progress extends Omit<Summary, 'rejected'> {
  readonly bytesRead: number;
}

export interface ImportOptions {
  /** Called after each batch; not called for an empty file. */
  readonly onProgress?: (progress: Progress) => void;
  /** Events of one kind in a batch; BATCH_SIZE where it is not given. */
  readonly batchSize?: number;
}

/**
 * Reads one file, gzipped or not (by its first bytes, never by its name), and sends its events in batches, in order
 * within a kind. A row that cannot be an event, or that its receiver refuses, is named in the summary with its line; the
 * others are taken.
 * @throws FileError where the file cannot be read as this kind, ends early or is damaged. What was sent before stays
 * taken; importing the whole file again counts nothing twice.
 */
export async function importFile(
  importer: Importer,
  bytes: AsyncIterable<Uint8Array>,
  parameters: Parameters,
  send: Send,
  options: ImportOptions = {},
): Promise<Summary> {
  checkParameters(importer, parameters);
  const { onProgress, batchSize = BATCH_SIZE } = options;
  const tally = { rows: 0, accepted: 0, repeated: 0, rejectedTotal: 0, bytesRead: 0 };
  const rejected: RejectedRow[] = [];
  const waiting = new Map<string, { lines: number[]; events: unknown[] }>();

  const reject = (row: RejectedRow): void => {
    tally.rejectedTotal += 1;
    rejected.push(row);
    // Receivers answer kind by kind, so that a later batch may name an earlier line: kept generously, cut at the end.
    if (rejected.length > 4 * NAMED_REJECTIONS) keepFirst(rejected);
  };
  const flush = async (kind: string): Promise<void> => {
    const batch = waiting.get(kind);
    if (batch === undefined) return;
    waiting.delete(kind);
    const receipt = await send(kind, batch.events);
    if (batch.lines[0] === 0) tally.rows += receipt.rejected.length;
    else {
      tally.accepted += receipt.accepted;
      tally.repeated += receipt.repeated;
    }
    for (const { index, code, field, message } of receipt.rejected) {
      reject({ line: batch.lines[index] ?? 0, code, field, message });
    }
    if (batch.lines[0] !== 0) onProgress?.({ ...tally });
  };

  const counted = countBytes(bytes, (length) => (tally.bytesRead += length));
  for await (const row of importer.read(unzip(counted), parameters)) {
    if (row.line > 0) tally.rows += 1;
    if ('rejected' in row) {
      reject({ line: row.line, ...row.rejected });
      continue;
    }
    const batch = waiting.get(row.kind) ?? { lines: [], events: [] };
    waiting.set(row.kind, batch);
    batch.lines.push(row.line);
    batch.events.push(row.event);
    if (batch.events.length >= batchSize || row.line === 0) await flush(row.kind);
  }
  for (const kind of [...waiting.keys()]) await flush(kind);
  keepFirst(rejected);
  const { bytesRead: _, ...counts } = tally;
  return { ...counts, rejected };
}

function keepFirst(rejected: RejectedRow[]): void {
  rejected.sort((a, b) => a.line - b.line);
  rejected.length = Math.min(rejected.length, NAMED_REJECTIONS);
}

function checkParameters(importer: Importer, parameters: Parameters): void {
  const known = Object.keys(importer.parameters);
  for (const name of Object.keys(parameters)) {
    if (known.includes(name)) continue;
    const expected = known.length === 0 ? 'no parameters' : `one of ${known.join(', ')}`;
    throw new FileError('FILE_BAD_PARAMETER', `${importer.kind}: expected ${expected}, got ${name}`);
  }
}

async function* countBytes(
  bytes: AsyncIterable<Uint8Array>,
  count: (length: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    count(chunk.byteLength);
    yield chunk;
  }
}

/** Files one behind the other, each unzipped, with a line end between. */
export async function* joinFiles(files: readonly AsyncIterable<Uint8Array>[]): AsyncGenerator<Uint8Array> {
  for (const [place, file] of files.entries()) {
    if (place > 0) yield Buffer.from('\n');
    yield* unzip(file);
  }
}

/** The bytes, unzipped where they begin as gzip does (1F 8B). @throws FileError FILE_TRUNCATED or FILE_UNREADABLE */
async function* unzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = bytes[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let length = 0;
  let ended = false;
  while (length < 2 && !ended) {
    const next = await source.next();
    if (next.done === true) ended = true;
    else {
      head.push(next.value);
      length += next.value.byteLength;
    }
  }
  const whole = rejoin(head, source, ended);
  const [first, second] = Buffer.concat(head);
  if (first !== 0x1f || second !== 0x8b) {
    yield* whole;
    return;
  }
  const gunzip = createGunzip();
  // Errors reach the loop below through the destroyed stream, so the callback has nothing to add.
  pipeline(Readable.from(whole), gunzip, () => {});
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (error) {
    throw toFileError(error);
  }
}

async function* rejoin(
  head: readonly Uint8Array[],
  source: AsyncIterator<Uint8Array>,
  ended: boolean,
): AsyncGenerator<Uint8Array> {
  yield* head;
  while (!ended) {
    const next = await source.next();
    if (next.done === true) return;
    yield next.value;
  }
}

function toFileError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'Z_BUF_ERROR') {
    return new FileError('FILE_TRUNCATED', 'the gzip data ends before its end; fetch the file again');
  }
  if (error.code === 'Z_DATA_ERROR') {
    return new FileError('FILE_UNREADABLE', `the gzip data is damaged (${error.message}); fetch the file again`);
  }
  return error;
}
