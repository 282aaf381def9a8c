import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, type Gunzip } from 'node:zlib';
import { findJsonFault } from '../kit/ingest/json-fault.ts';
import { LIMITS } from './limits.ts';
import { Refusal } from './faults/refusal.ts';

const tooLarge = (limit: number): Refusal =>
  new Refusal(413, 'BODY_TOO_LARGE', `The body is larger than ${limit} bytes, as sent or unzipped; send it in parts.`);

/** How long the rest of a body that nobody wants is read off, in milliseconds. */
const DISCARD_TIME = 10_000;

/**
 * Reads off what is left of a body once it was answered, so that a client that is still sending gets to read the answer
 * instead of a reset.
 */
export function discardRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const timer = setTimeout(() => request.destroy(), DISCARD_TIME);
  request.once('close', () => clearTimeout(timer)).once('end', () => clearTimeout(timer));
  // A reader that stopped in the middle may still be listening, and then the stream does not flow.
  request.removeAllListeners('readable');
  setImmediate(() => request.resume());
}

type OnBytes = (count: number) => void;

const meters = new WeakMap<IncomingMessage, OnBytes>();

/** Has the bytes of a body counted as they are read, unzipped; what `onBytes` throws reaches the reader. */
export function meterBody(request: IncomingMessage, onBytes: OnBytes): void {
  meters.set(request, onBytes);
}

/** What comes out of gzip; damage is the sender's fault, and is told by how far into the body as sent it could be read. */
async function* whole(gunzip: Gunzip): AsyncGenerator<Uint8Array> {
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (!isZipError(error)) throw error;
    throw new Refusal(400, 'BODY_UNREADABLE', `Expected a whole gzip stream; it stops being one at or before offset ${gunzip.bytesWritten} of the bytes as sent: ${error.message}.`);
  }
}

/** A stream throws its fault into what it reads, which would close the connection that the answer goes by; a loop only returns. */
async function* leftOpen(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) yield chunk;
}

async function* counted(bytes: AsyncIterable<Uint8Array>, onBytes: OnBytes): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    onBytes(chunk.byteLength);
    yield chunk;
  }
}

/** The body as it comes, unzipped where `content-encoding` says gzip. @throws Refusal 415 for another encoding, 400 for damaged gzip */
export function openBody(request: IncomingMessage): AsyncIterable<Uint8Array> {
  const onBytes = meters.get(request);
  const bytes = openPlain(request);
  return onBytes === undefined ? bytes : counted(bytes, onBytes);
}

function openPlain(request: IncomingMessage): AsyncIterable<Uint8Array> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  // Left open when its reader stops early: closing it would close the connection that the answer goes by.
  const bytes = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  if (encoding === 'identity') return bytes;
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    throw new Refusal(415, 'BODY_UNREADABLE', `Expected the body as it is, or as gzip; it comes as ${encoding === '' ? 'nothing' : encoding}.`, { 'accept-encoding': 'gzip' });
  }
  const gunzip = createGunzip();
  // Errors reach the reader through the destroyed stream.
  pipeline(Readable.from(leftOpen(bytes), { objectMode: false }), gunzip, () => {});
  return whole(gunzip);
}

const isZipError = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');

/** No race with one promise that lasts: it would hold every chunk that was ever raced with it until the time is over. */
async function* untilDeadline(bytes: AsyncIterable<Uint8Array>, milliseconds: number): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  let isLate = false;
  let giveUp = (): void => {};
  const timer = setTimeout(() => {
    isLate = true;
    giveUp();
  }, milliseconds);
  const late = (): Refusal => new Refusal(408, 'BODY_TIMEOUT', `The body did not arrive whole within ${milliseconds / 1000} s.`);
  try {
    for (;;) {
      if (isLate) throw late();
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        giveUp = () => reject(late());
        iterator.next().then(resolve, reject);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    clearTimeout(timer);
    // Not waited for: it would wait for the byte that never came.
    void iterator.return?.();
  }
}

/**
 * The bytes of a body of at most `limit`, as sent and unzipped, as they come.
 * @throws Refusal 413, 415, 408; 400 where gzip is damaged.
 */
export async function* streamBody(request: IncomingMessage, limit: number): AsyncGenerator<Uint8Array> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  let length = 0;
  for await (const chunk of untilDeadline(openBody(request), LIMITS.bodyTime)) {
    length += chunk.byteLength;
    if (length > limit) throw tooLarge(limit);
    yield chunk;
  }
}

/** Reads a whole body, as `streamBody` does. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of streamBody(request, limit)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Where two byte arrays first differ. */
function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const index = a.findIndex((byte, at) => byte !== b[at]);
  return index < 0 ? a.length : index;
}

/** @throws Refusal 400 that says at which offset the bytes stop being JSON. */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw new Refusal(400, 'BODY_UNREADABLE', 'Expected JSON, got an empty body.');
  if (!isUtf8(bytes)) {
    const offset = firstDifference(bytes, Buffer.from(bytes.toString('utf8'), 'utf8'));
    throw new Refusal(400, 'BODY_UNREADABLE', `Expected JSON in UTF-8; the byte at offset ${offset} is not UTF-8.`);
  }
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    const offset = Buffer.byteLength(text.slice(0, findJsonFault(text) ?? text.length));
    throw new Refusal(400, 'BODY_UNREADABLE', `Expected JSON; it stops being so at offset ${offset} of ${bytes.length} bytes.`);
  }
}

/** The lines of a stream without their ends, empty ones left out. @throws Refusal 413 for a line over LIMITS.ingestBody */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const hold = (more: Uint8Array): void => {
    parts.push(more);
    length += more.byteLength;
    if (length > LIMITS.ingestBody) throw tooLarge(LIMITS.ingestBody);
  };
  const take = (last: Uint8Array): Buffer => {
    hold(last);
    const line = Buffer.concat(parts);
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of bytes) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = take(chunk.subarray(start, end));
      start = end + 1;
      if (line.length > 0) yield line;
    }
    hold(chunk.subarray(start));
  }
  const line = take(new Uint8Array());
  if (line.length > 0) yield line;
}

/** A readable of text chunks, for answers that are written as they are made. */
export function toReadable(chunks: AsyncIterable<string>): Readable {
  return Readable.from(chunks, { objectMode: false });
}
