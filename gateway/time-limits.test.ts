import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { composeSubgraphs } from './graph/composition.ts';
import type * as Limits from './limits.ts';
import { LIMITS } from './limits.ts';
import type { Running } from './start.ts';
import { ask, createFolder, startTest } from './test-gateway.ts';

/** An operation's time is less than that of one request to a subgraph: only the operation's own limit can end it. */
vi.mock('./limits.ts', async (original) => {
  const own = await original<typeof Limits>();
  return { ...own, LIMITS: { ...own.LIMITS, bodyTime: 300, fetchTime: 60_000, operationTime: 1_000 } };
});

/** Time for a machine that does other work too, in milliseconds. */
const SLACK = 3_000;

/** A subgraph of two fields that answers `quick` at once and nothing else ever. */
const waiting = new Set<ServerResponse>();
let asked = 0;
const server = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    asked += 1;
    const { query } = JSON.parse(text) as { query: string };
    if (!query.includes('slow')) return void response.end('{"data":{"quick":"here"}}');
    waiting.add(response);
    response.once('close', () => waiting.delete(response));
  });
});

let running: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  folder = await createFolder();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { supergraphSdl } = composeSubgraphs([
    { name: 'quick', url: `${url}/quick`, typeDefs: 'type Query { quick: String }' },
    { name: 'slow', url: `${url}/slow`, typeDefs: 'type Query { slow(turn: Int): String }' },
  ]);
  const file = join(folder.path, 'supergraph.graphql');
  await writeFile(file, supergraphSdl);
  running = await startTest({ STORE: `lmdb:${folder.path}/store`, SUPERGRAPH: file });
});

beforeEach(() => {
  asked = 0;
});

afterAll(async () => {
  await running?.close();
  server.closeAllConnections();
  server.close();
  await folder.remove();
});

describe('the time of an operation', () => {
  test('ends it with what came by then, and ends the request that is under way', async () => {
    const begun = performance.now();
    const { status, body } = await ask(`${running.address}/graphql`, { query: '{ quick slow }' });
    expect(performance.now() - begun).toBeLessThan(LIMITS.operationTime + SLACK);
    expect(status).toBe(200);
    expect(body).toMatchObject({ data: { quick: 'here', slow: null }, errors: [{ path: ['slow'], extensions: { code: 'OPERATION_TIMEOUT', serviceName: 'slow' } }] });
    await vi.waitFor(() => expect(waiting.size).toBe(0), SLACK);
  });
});

describe('a client that goes', () => {
  /** Sends an operation on a connection of its own and gives that, so that it can be cut. */
  async function begin(query: string) {
    const { port } = new URL(running.address);
    const body = JSON.stringify({ query });
    const socket = connect(Number(port), '127.0.0.1');
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    socket.write(`POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    return socket;
  }

  test('ends the request that is under way for it, long before its time is over', async () => {
    const socket = await begin('{ quick slow }');
    await vi.waitFor(() => expect(waiting.size).toBe(1), { timeout: SLACK, interval: 5 });
    const begun = performance.now();
    socket.destroy();
    await vi.waitFor(() => expect(waiting.size).toBe(0), { timeout: SLACK, interval: 5 });
    expect(performance.now() - begun).toBeLessThan(LIMITS.operationTime);
    expect(asked).toBe(2);
  });

  test('leaves to another the request that both of them wait for', async () => {
    const socket = await begin('{ slow }');
    await vi.waitFor(() => expect(waiting.size).toBe(1), { timeout: SLACK, interval: 5 });
    const other = ask(`${running.address}/graphql`, { query: '{ other: slow }' });
    await ask(`${running.address}/graphql`, { query: '{ quick }' });
    socket.destroy();
    for (const response of waiting) response.end('{"data":{"slow":"after all"}}');
    expect((await other).body).toEqual({ data: { other: 'after all' } });
    expect(asked).toBe(2);
  });
});

describe('the time of a body', () => {
  test.each([
    ['never begins', ''],
    ['stops midway', '{"query": "{ qu'],
    ['comes drop by drop', null],
  ])('ends a request whose body %s with 408', async (_, sent) => {
    const { port } = new URL(running.address);
    const socket = connect(Number(port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', () => undefined);
    const begun = performance.now();
    socket.write(`POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n${sent ?? '{'}`);
    const drops = setInterval(() => sent === null && socket.write(' '), 20);
    await vi.waitFor(() => expect(answer).toContain('BODY_TIMEOUT'), { timeout: LIMITS.bodyTime + SLACK, interval: 10 });
    clearInterval(drops);
    expect(performance.now() - begun).toBeGreaterThan(LIMITS.bodyTime * 0.9);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    socket.destroy();
  });
});
