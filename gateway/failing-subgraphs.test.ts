import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { toScale } from '../kit/test-scale.ts';
import { composeSubgraphs } from './graph/composition.ts';
import type * as Limits from './limits.ts';
import { LIMITS } from './limits.ts';
import type { Running } from './start.ts';
import { ask, createFolder, startTest } from './test-gateway.ts';

/** The limits of a server, short enough to be reached many times. */
vi.mock('./limits.ts', async (original) => {
  const own = await original<typeof Limits>();
  return { ...own, LIMITS: { ...own.LIMITS, fetchTime: 500, operationTime: 2_000, subgraphAnswer: 100_000 } };
});

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
const TYPE_DEFS = {
  good: `${LINK} type Query { here: String items: [Item!]! } type Item @key(fields: "id") { id: ID! title: String }`,
  bad: `${LINK} type Query { there(turn: Int): String } type Item @key(fields: "id") { id: ID! stock(turn: Int): Int }`,
};
const IDS = ['1', '2', '3'];
/** The turn makes no two requests equal: equal ones would be sent once. */
const QUERY = 'query ($turn: Int) { here there(turn: $turn) items { title stock(turn: $turn) } }';
const answerWith = (there: string | null, stock: number | null) => ({ here: 'here', there, items: IDS.map((id) => ({ title: `Title ${id}`, stock })) });

type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** A whole subgraph; `damage` changes each value at the root of its answers. */
function serveSchema(typeDefs: string, resolvers: Readonly<Record<string, Readonly<Record<string, (parent: { id: string }) => unknown>>>>, damage = (value: unknown, _key: string): unknown => value): Behaviour {
  const schema = buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers }]);
  return (request, response) => {
    void readText(request)
      .then((text) => JSON.parse(text) as { query: string; variables?: Record<string, unknown> })
      .then(({ query, variables }) => graphql({ schema, source: query, variableValues: variables }))
      .then(({ data }) => Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [key, damage(value, key)])))
      .then((data) => response.setHeader('content-type', 'application/json').end(JSON.stringify({ data })));
  };
}

const createBad = (damage?: (value: unknown, key: string) => unknown): Behaviour =>
  serveSchema(TYPE_DEFS.bad, { Query: { there: () => 'there' }, Item: { __resolveReference: (each) => each, stock: () => 5 } }, damage);
const whole = createBad();
const good = serveSchema(TYPE_DEFS.good, { Query: { here: () => 'here', items: () => IDS.map((id) => ({ id })) }, Item: { title: ({ id }) => `Title ${id}` } });

const answer = (body: string, status = 200, headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' }): Behaviour =>
  (_request, response) => void response.writeHead(status, headers).end(body);

/** Sends a piece again and again until nobody listens. */
const drip = (piece: string, everyMs: number): Behaviour => (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).write('{"data":{"there":"');
  const timer = setInterval(() => response.write(piece), everyMs);
  response.once('close', () => clearInterval(timer));
};

const STACK = 'Error: hush\n    at resolve (/src/hush.js:1:1)';
let redirectsFollowed = 0;

/** What a subgraph does, and the codes that tell it. Null is nobody at its port. */
const KINDS: readonly (readonly [what: string, behaviour: Behaviour | null, codes: readonly string[]])[] = [
  ['refuses connections', null, ['SUBGRAPH_UNAVAILABLE']],
  ['resets the connection midway', (request, response) => void response.writeHead(200).write('{"data":{"there":"th', () => request.socket.resetAndDestroy()), ['SUBGRAPH_UNAVAILABLE']],
  ['never answers', () => undefined, ['SUBGRAPH_TIMEOUT']],
  ['answers 500 with a stack trace', answer(STACK, 500, { 'content-type': 'text/plain' }), ['SUBGRAPH_UNAVAILABLE']],
  ['answers with a web page', answer(`<!doctype html><pre>${STACK}</pre>`, 200, { 'content-type': 'text/html' }), ['SUBGRAPH_INVALID_RESPONSE']],
  ['answers with half of its JSON', answer('{"data":{"there":"the'), ['SUBGRAPH_INVALID_RESPONSE']],
  ['answers an object for a text and a text for entities', createBad((_, key) => (key === '_entities' ? 'hush' : { hush: 1 })), ['VALUE_NOT_IN_SCHEMA', 'SUBGRAPH_INVALID_RESPONSE']],
  ['leaves out what it was asked and gives too few entities', createBad((value) => (Array.isArray(value) ? value.slice(1) : undefined)), ['SUBGRAPH_INVALID_RESPONSE']],
  ['gives texts for entities and a list for a text', createBad((_, key) => (key === '_entities' ? IDS : [])), ['VALUE_NOT_IN_SCHEMA', 'SUBGRAPH_INVALID_RESPONSE']],
  ['gives a text for a number of an entity, and a number beyond 32 bits for another', createBad((value) => (Array.isArray(value) ? value.map((each, index) => Object.fromEntries(Object.keys(each as object).map((key) => [key, index === 0 ? 2 ** 31 : 'hush']))) : 7)), ['VALUE_NOT_IN_SCHEMA']],
  ['announces more than is read', answer('x'.repeat(1_000_000)), ['SUBGRAPH_INVALID_RESPONSE']],
  ['answers without end', drip('x'.repeat(20_000), 1), ['SUBGRAPH_INVALID_RESPONSE']],
  ['answers drop by drop', drip('x', 20), ['SUBGRAPH_TIMEOUT']],
  ['answers errors without data', answer(JSON.stringify({ errors: [{ message: 'It cannot.', extensions: { stacktrace: STACK.split('\n') } }] })), ['SUBGRAPH_ERROR']],
  ['sends elsewhere', (request, response) => (request.url === '/elsewhere' ? void (redirectsFollowed += 1) : void response.writeHead(302, { location: '/elsewhere' }).end()), ['SUBGRAPH_UNAVAILABLE']],
];

const AT_ONCE = 16;
let behaviour: Behaviour | null = whole;
let underWay = 0;
let turn = 0;
let running: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;
let port = 0;
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
const goodServer = createServer(good);
const badServer = createServer((request, response) => {
  underWay += 1;
  response.once('close', () => (underWay -= 1));
  behaviour?.(request, response);
});

const listen = (server: Server, at: number): Promise<number> =>
  new Promise((resolve) => server.listen(at, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
const connections = (): Promise<number> => new Promise((resolve, reject) => badServer.getConnections((error, count) => (error ? reject(error) : resolve(count))));

async function behave(next: Behaviour | null): Promise<void> {
  behaviour = next;
  if (next !== null && !badServer.listening) await listen(badServer, port);
  if (next !== null || !badServer.listening) return;
  badServer.closeAllConnections();
  await new Promise((resolve) => badServer.close(resolve));
}

interface Answered {
  readonly status: number;
  readonly body: { readonly data: unknown; readonly errors?: readonly { readonly path?: readonly unknown[]; readonly extensions: { readonly code: string; readonly serviceName?: string } }[] };
}

const askAll = (): Promise<Answered[]> =>
  Promise.all(Array.from({ length: AT_ONCE }, async () => (await ask(`${running.address}/graphql`, { query: QUERY, variables: { turn: (turn += 1) } })) as Answered));

beforeAll(async () => {
  process.on('unhandledRejection', note);
  folder = await createFolder();
  port = await listen(badServer, 0);
  const goodPort = await listen(goodServer, 0);
  const { supergraphSdl } = composeSubgraphs([
    { name: 'good', url: `http://127.0.0.1:${goodPort}/graphql`, typeDefs: TYPE_DEFS.good },
    { name: 'bad', url: `http://127.0.0.1:${port}/graphql?key=hush`, typeDefs: TYPE_DEFS.bad },
  ]);
  const file = join(folder.path, 'supergraph.graphql');
  await writeFile(file, supergraphSdl);
  running = await startTest({ STORE: `lmdb:${folder.path}/store`, SUPERGRAPH: file });
});

afterAll(async () => {
  await running?.close();
  for (const server of [goodServer, badServer]) {
    server.closeAllConnections();
    server.close();
  }
  await folder.remove();
  process.off('unhandledRejection', note);
});

describe(`a subgraph that, asked ${AT_ONCE} times at once,`, () => {
  test.each(KINDS)('%s costs its own fields, inside the deadline, and is asked again when it is well', async (_, kind, codes) => {
    await behave(kind);
    for (let wave = 0; wave < 2; wave += 1) {
      const begun = performance.now();
      const answers = await askAll();
      expect(performance.now() - begun).toBeLessThan(LIMITS.operationTime + 1_000);
      for (const { status, body } of answers) {
        expect(status).toBe(200);
        expect(body.data).toEqual(answerWith(null, null));
        const { errors = [] } = body;
        expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(codes));
        expect(new Set(errors.map(({ extensions }) => extensions.serviceName))).toEqual(new Set(['bad']));
        expect(JSON.stringify(errors)).not.toMatch(/127\.0\.0\.1|hush|stacktrace|\bat \w/);
      }
    }
    await behave(whole);
    await vi.waitFor(() => expect(underWay).toBe(0), 5_000);
    for (const { body } of await askAll()) expect(body).toEqual({ data: answerWith('there', 5) });
    // No more are kept than were needed at once: an operation asks twice.
    expect(await connections()).toBeLessThanOrEqual(2 * AT_ONCE);
  });

  test('fails in any way leaves no memory behind', { timeout: 300_000 }, async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const held = (): number => {
      collect();
      const { heapUsed, external } = process.memoryUsage();
      return (heapUsed + external) / 1_048_576;
    };
    const round = async (): Promise<void> => {
      for (const [, kind] of KINDS) {
        await behave(kind);
        await askAll();
      }
      await behave(whole);
      await askAll();
    };
    await round();
    const before = held();
    for (let each = 0; each < toScale(20); each += 1) await round();
    const grown = held() - before;
    expect(grown).toBeLessThan(8);
  });

  test('fails in any way leaves no fault of the server, no rejection that nobody handles, no request elsewhere and no connection', async () => {
    expect(unhandled).toEqual([]);
    expect(running.failures.count()).toBe(0);
    expect(redirectsFollowed).toBe(0);
    await vi.waitFor(async () => expect(await connections()).toBe(0), { timeout: 15_000, interval: 200 });
  });
});
