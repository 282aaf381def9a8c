import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { platform } from '../subgraphs/platform/index.ts';
import type { Running } from './start.ts';
import { createFolder, startTest } from './test-gateway.ts';

/** What OpenLineage's clients do on the wire, byte by byte, since a client library would tidy it up. */

interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: unknown;
}

let running: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;
let sockets: Socket[] = [];

beforeAll(async () => {
  folder = await createFolder();
  running = await startTest({ STORE: `lmdb:${join(folder.path, 'store')}` }, { subgraphs: [platform] });
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  await running.close();
  await folder.remove();
});

/** A connection from which answers are read one after the other; each by its own Content-Length. */
async function open(): Promise<{ readonly write: (bytes: string | Uint8Array) => void; readonly read: () => Promise<Answer>; readonly closed: Promise<void> }> {
  const { hostname, port } = new URL(running.address);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  let received = Buffer.alloc(0);
  let notify = (): void => {};
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    notify();
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise<void>((resolve) => socket.once('connect', resolve));

  const take = (): Answer | null => {
    const end = received.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const [line = '', ...fields] = received.subarray(0, end).toString('latin1').split('\r\n');
    const headers = new Map(fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 1).trim()] as const));
    const length = Number(headers.get('content-length') ?? 0);
    if (received.length < end + 4 + length) return null;
    const text = received.subarray(end + 4, end + 4 + length).toString('utf8');
    received = received.subarray(end + 4 + length);
    return { status: Number(line.split(' ')[1]), headers, body: text === '' ? null : JSON.parse(text) };
  };
  return {
    write: (bytes) => void socket.write(bytes),
    read: () =>
      new Promise((resolve, reject) => {
        notify = (): void => {
          const answer = take();
          if (answer === null) return;
          notify = (): void => {};
          resolve(answer);
        };
        void closed.then(() => reject(new Error(`closed after ${received.length} bytes of an answer`)));
        notify();
      }),
    closed,
  };
}

let made = 0;

/** An event of a run of its own, of about this many bytes. */
function makeEvent(bytes = 0): string {
  const runId = `01941f29-7c00-7aaa-8bbb-${String(++made).padStart(12, '0')}`;
  return JSON.stringify({
    eventType: 'START',
    eventTime: '2026-01-05T10:00:00.123456+00:00',
    producer: 'https://example.com/emitter',
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
    run: { runId, facets: { 'environment-properties': { padding: 'x'.repeat(bytes) } } },
    job: { namespace: 'wire', name: 'nightly' },
  });
}

const head = (fields: readonly string[], line = 'POST /api/v1/lineage HTTP/1.1'): string => `${[line, 'Host: localhost', ...fields].join('\r\n')}\r\n\r\n`;
const JSON_TYPE = 'Content-Type: application/json';

/** Chunked coding, in chunks of a size at which nothing ends. */
function toChunks(bytes: Uint8Array, size: number): Buffer {
  const parts: (string | Uint8Array)[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    parts.push(`${part.length.toString(16)}\r\n`, part, '\r\n');
  }
  return Buffer.concat([...parts, '0\r\n\r\n'].map((part) => Buffer.from(part)));
}

/** A whole request, as its client sends it. */
type Request = () => (string | Uint8Array)[];

const withLength = (body: string | Uint8Array, fields: readonly string[], line?: string): (string | Uint8Array)[] => [head([...fields, `Content-Length: ${Buffer.byteLength(body)}`], line), body];

const requests: readonly [string, Request][] = [
  ['with a charset', () => withLength(makeEvent(), [`${JSON_TYPE}; charset=utf-8`])],
  ['with a query string on the path', () => withLength(makeEvent(), [JSON_TYPE], 'POST /api/v1/lineage?source=spark&v=1 HTTP/1.1')],
  ['with a slash after the path', () => withLength(makeEvent(), [JSON_TYPE], 'POST /api/v1/lineage/ HTTP/1.1')],
  ['without a content type', () => withLength(makeEvent(), [])],
  ['gzipped, its length known', () => withLength(gzipSync(makeEvent()), [JSON_TYPE, 'Content-Encoding: gzip'])],
  ['gzipped and chunked', () => [head([JSON_TYPE, 'Content-Encoding: gzip', 'Transfer-Encoding: chunked']), toChunks(gzipSync(makeEvent(500)), 7)]],
  ['chunked', () => [head([JSON_TYPE, 'Transfer-Encoding: chunked']), toChunks(Buffer.from(makeEvent(500)), 11)]],
  ['of 9 MB', () => withLength(makeEvent(9_000_000), [JSON_TYPE])],
];

describe.each(requests)('an event %s', (_, request) => {
  test('is taken with 201, and again as a repeat on the same connection, each answer of known length', async () => {
    const connection = await open();
    const bytes = Buffer.concat(request().map((part) => Buffer.from(part)));
    for (const status of ['accepted', 'repeated']) {
      connection.write(bytes);
      const answer = await connection.read();
      expect(answer).toMatchObject({ status: 201, body: { status } });
      expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(0);
    }
  });
});

test('a client that waits to be told to go on is told, and then answered', async () => {
  const connection = await open();
  const body = makeEvent();
  connection.write(head([JSON_TYPE, `Content-Length: ${body.length}`, 'Expect: 100-continue']));
  expect(await connection.read()).toMatchObject({ status: 100 });
  connection.write(body);
  expect(await connection.read()).toMatchObject({ status: 201, body: { status: 'accepted' } });
});

test('a client of HTTP/1.0 is answered with a length, and the connection closed', async () => {
  const connection = await open();
  const body = makeEvent();
  connection.write(`POST /api/v1/lineage HTTP/1.0\r\n${JSON_TYPE}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  const answer = await connection.read();
  expect(answer).toMatchObject({ status: 201, body: { status: 'accepted' } });
  expect(answer.headers.get('transfer-encoding')).toBeUndefined();
  await connection.closed;
});

test('an idle connection is kept for longer than the 5 s after which clients come again', async () => {
  const connection = await open();
  for (const part of withLength(makeEvent(), [JSON_TYPE])) connection.write(part);
  const { headers } = await connection.read();
  const [, seconds] = /timeout=(\d+)/.exec(headers.get('keep-alive') ?? '') ?? [];
  expect(Number(seconds)).toBeGreaterThan(5);
});

test('requests that do not wait for each other are answered in order', async () => {
  const connection = await open();
  const [event, other] = [makeEvent(), makeEvent()];
  for (const body of [event, '[]', '{', event, other]) for (const part of withLength(body, [JSON_TYPE])) connection.write(part);
  const answers = [];
  for (let count = 0; count < 5; count++) answers.push(await connection.read());
  expect(answers.map(({ status }) => status)).toEqual([201, 200, 400, 201, 201]);
  expect(answers.map(({ headers }) => Number(headers.get('content-length')) > 0)).toEqual([true, true, true, true, true]);
});

test('a body that is small on the wire and large unzipped is refused, not taken in', async () => {
  const connection = await open();
  for (const part of withLength(gzipSync(makeEvent(60_000_000)), [JSON_TYPE, 'Content-Encoding: gzip'])) connection.write(part);
  expect(await connection.read()).toMatchObject({ status: 413, body: { error: { code: 'BODY_TOO_LARGE' } } });
});

test('a gzip stream that stops short is refused with what was expected', async () => {
  const connection = await open();
  for (const part of withLength(gzipSync(makeEvent()).subarray(0, 100), [JSON_TYPE, 'Content-Encoding: gzip'])) connection.write(part);
  expect(await connection.read()).toMatchObject({ status: 400, body: { error: { code: 'BODY_UNREADABLE' } } });
});
