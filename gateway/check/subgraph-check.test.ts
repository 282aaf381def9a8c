import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from '../start.ts';
import { createFolder, startTest } from '../test-gateway.ts';
import { checkSubgraph } from './subgraph-check.ts';

const OTHER = { name: 'other', url: 'http://127.0.0.1/other', typeDefs: 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]) type Query { other: Thing } type Thing @key(fields: "id") { id: ID! }' };

let running: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  folder = await createFolder();
  running = await startTest({ STORE: `lmdb:${folder.path}/store` });
});

afterAll(async () => {
  await running.close();
  await folder.remove();
});

const problemsOf = async (url: string): Promise<Record<string, string>> =>
  Object.fromEntries((await checkSubgraph({ url, name: 'checked', others: [OTHER], questionsFolder: folder.path })).flatMap(({ check, problem }) => (problem === null ? [] : [[check, problem]])));

describe('a subgraph is asked all that a gateway relies on', () => {
  const servers: ReturnType<typeof createServer>[] = [];
  const serve = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  };
  const answer = (reply: (query: string) => unknown): RequestListener => (request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => response.end(JSON.stringify(reply((JSON.parse(text) as { query: string }).query))));
  };
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  test.each(['notes', 'things'])('one of ours has nothing wrong: %s', async (name) => {
    const findings = await checkSubgraph({ url: `${running.address}/subgraphs/${name}/graphql`, name: 'checked', others: [OTHER], questionsFolder: folder.path });
    expect(findings.filter(({ problem }) => problem !== null)).toEqual([]);
    expect(findings.length).toBeGreaterThan(6);
  });

  test('one that is not there, or no GraphQL, is told apart', async () => {
    expect(await problemsOf('http://127.0.0.1:1/')).toMatchObject({ 'tells its schema at _service': expect.stringContaining('fetch failed') as string });
    const page = await serve((_request, response) => response.end('<html>'));
    expect(await problemsOf(page)).toEqual({ 'tells its schema at _service': 'expected JSON, got HTTP 200 with "<html>"' });
  });

  test('a schema that does not compose is told with the type and field', async () => {
    const sdl = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]) type Query { mine: Int other: Int }';
    const url = await serve(answer((query) => (query.includes('_service') ? { data: { _service: { sdl } } } : query === '{ __typename }' ? { data: { __typename: 'Query' } } : { errors: [{ message: 'no such field' }] })));
    const problems = await problemsOf(url);
    expect(Object.keys(problems)).toEqual(['composes with the others']);
    expect(problems['composes with the others']).toContain('Query.other');
  });

  test('entities out of order, data beside an error for a field that is not there, and an error without a message are told', async () => {
    const sdl = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]) type Query { mine: Thing } type Thing @key(fields: "id") { id: ID! mine: Int }';
    const url = await serve(
      answer((query) => {
        if (query.includes('_service')) return { data: { _service: { sdl } } };
        if (query === '{ __typename }') return { data: { __typename: 'Query' } };
        return query.includes('_entities') ? { data: { _entities: [null] } } : { data: {}, errors: [{}] };
      }),
    );
    expect(Object.keys(await problemsOf(url))).toEqual([
      'answers a field that does not exist with errors and no data',
      'answers no representations with an empty list',
      'refuses representations of a type that it does not have, and goes on',
      'answers Thing by id in order, also where nobody knows it',
    ]);
  });
});
