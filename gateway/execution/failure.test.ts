import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpClient } from './http-client.ts';
import type { SubgraphClient } from './subgraph-client.ts';
import { createRig } from './test-rig.ts';

const subgraphs = {
  a: `type Query { items: [Item!]! here: String }
    type Item @key(fields: "id") { id: ID! title: String }`,
  b: `type Query { there: String } type Item @key(fields: "id") { id: ID! stock: Int rest: Rest must: Int! } type Rest @key(fields: "id") { id: ID! }`,
  c: `type Rest @key(fields: "id") { id: ID! days: Int }`,
};
const resolvers = {
  Query: { items: () => [{ id: '1' }, { id: '2' }], here: () => 'here', there: () => 'there' },
  Item: { title: (parent: Readonly<Record<string, unknown>>) => `Title ${String(parent['id'])}`, stock: () => 5, rest: () => ({ id: 'r' }), must: () => 1 },
  Rest: { days: () => 3 },
};
const servers: Server[] = [];
const clients: SubgraphClient[] = [];

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql?key=hush`;
}

function createRigWith(replace: (client: SubgraphClient) => SubgraphClient, options = {}): ReturnType<typeof createRig> {
  return createRig({ subgraphs, resolvers, options, wrap: (client) => (client.name === 'b' ? replace(client) : client) });
}

function remote(url: string): (client: SubgraphClient) => SubgraphClient {
  return ({ name }) => {
    const client = createHttpClient(name, url, { maxResponseBytes: 10_000 });
    clients.push(client);
    return client;
  };
}

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close?.()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const QUESTION = '{ here there items { title stock rest { days } } }';
const standing = (code: string) => ({
  data: { here: 'here', there: null, items: [{ title: 'Title 1', stock: null, rest: null }, { title: 'Title 2', stock: null, rest: null }] },
  errors: [['there', code, 'b'], ['items.0.stock', code, 'b']],
  leaks: false,
});

async function askWhatStands(rig: ReturnType<typeof createRig>): Promise<ReturnType<typeof standing>> {
  const { data, errors = [] } = await rig.ask(QUESTION);
  return {
    data: data as ReturnType<typeof standing>['data'],
    errors: errors.map((error) => [error.path?.join('.'), error.extensions['code'], error.extensions['serviceName']].map(String)),
    leaks: /127\.0\.0\.1|hush|secret/.test(JSON.stringify(errors)),
  };
}

describe('a subgraph that does not answer', () => {
  it('costs its own fields where it throws', async () => {
    expect(await askWhatStands(createRigWith(({ name }) => ({ name, execute: () => { throw new Error('secret'); } })))).toEqual(standing('SUBGRAPH_ERROR'));
  });

  it('costs its own fields where it is stopped', async () => {
    const url = await serve(() => undefined);
    for (const server of servers) server.close();
    expect(await askWhatStands(createRigWith(remote(url)))).toEqual(standing('SUBGRAPH_UNAVAILABLE'));
  });

  it('costs its own fields where it is too slow, inside the deadline', async () => {
    const rig = createRigWith(remote(await serve(() => undefined)), { fetchTimeoutMs: 50 });
    const begun = performance.now();
    expect(await askWhatStands(rig)).toEqual(standing('SUBGRAPH_TIMEOUT'));
    expect(performance.now() - begun).toBeLessThan(1_000);
  });

  it('costs its own fields where it never answers in this process', async () => {
    expect(await askWhatStands(createRigWith(({ name }) => ({ name, execute: () => new Promise(() => undefined) }), { fetchTimeoutMs: 30 }))).toEqual(standing('SUBGRAPH_TIMEOUT'));
  });

  it('ends the operation at its own deadline, with what came by then', async () => {
    const rig = createRigWith(({ name }) => ({ name, execute: () => new Promise(() => undefined) }), { operationTimeoutMs: 30 });
    const { data, errors } = await rig.ask(QUESTION);
    expect(data).toMatchObject({ here: 'here', there: null });
    expect(new Set(errors?.map((error) => error.extensions['code']))).toEqual(new Set(['OPERATION_TIMEOUT']));
  });

  it('ends the operation where its client goes', async () => {
    const controller = new AbortController();
    let aborted = false;
    const rig = createRigWith(({ name }) => ({
      name,
      execute: (_request, { signal }) => {
        signal.addEventListener('abort', () => { aborted = true; });
        queueMicrotask(() => controller.abort());
        return new Promise(() => undefined);
      },
    }));
    const { errors } = await rig.supergraph.execute({ document: parse('{ there }'), signal: controller.signal });
    expect(errors?.[0]?.extensions['code']).toBe('OPERATION_ABORTED');
    expect(aborted).toBe(true);
  });

  it.each([
    ['no JSON', 200, 'oops', 'SUBGRAPH_INVALID_RESPONSE'],
    ['no response', 200, '[]', 'SUBGRAPH_INVALID_RESPONSE'],
    ['neither data nor errors', 200, '{"data":null}', 'SUBGRAPH_INVALID_RESPONSE'],
    ['errors that are none', 200, '{"errors":["x"]}', 'SUBGRAPH_INVALID_RESPONSE'],
    ['more than it may', 200, JSON.stringify({ data: { there: 'x'.repeat(20_000) } }), 'SUBGRAPH_INVALID_RESPONSE'],
    ['a server error', 503, 'down', 'SUBGRAPH_UNAVAILABLE'],
  ])('costs its own fields where it answers %s', async (_what, status, body, code) => {
    expect(await askWhatStands(createRigWith(remote(await serve((_request, response) => void response.writeHead(status).end(body)))))).toEqual(standing(code));
  });

  it('makes null what may not be null without its fields', async () => {
    const rig = createRigWith(({ name }) => ({ name, execute: () => { throw new Error('secret'); } }));
    const { data, errors } = await rig.ask('{ here items { title must } }');
    expect(data).toBeNull();
    expect(errors?.map((error) => error.path?.join('.'))).toEqual(['items.0.must']);
  });
});

describe('a subgraph over HTTP', () => {
  it('passes on errors with their codes, without stack traces', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(400, { 'content-type': 'application/graphql-response+json' });
      response.end(JSON.stringify({ errors: [{ message: 'No', path: ['there'], extensions: { code: 'MINE', stacktrace: ['/src'], more: 1 } }] }));
    });
    const { data, errors } = await createRigWith(remote(url)).ask('{ here there }');
    expect(data).toEqual({ here: 'here', there: null });
    expect(errors?.map((error) => error.toJSON())).toEqual([{ message: 'No', path: ['there'], extensions: { code: 'MINE', more: 1, serviceName: 'b' } }]);
  });

  it('is asked again where it closed an idle connection, unless it is a mutation', async () => {
    let count = 0;
    const url = await serve((request, response) => {
      count += 1;
      if (count === 2) request.socket.destroy();
      else response.end('{"data":{"there":"again"}}');
    });
    const rig = createRigWith(remote(url));
    expect((await rig.ask('{ there }')).data).toEqual({ there: 'again' });
    expect((await rig.ask('{ there }')).data).toEqual({ there: 'again' });
    expect(count).toBe(3);
    const client = createHttpClient('b', url);
    clients.push(client);
    count = 1;
    await expect(client.execute({ query: 'mutation { there }' }, { signal: new AbortController().signal, context: null, scope: new Map() })).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' });
    expect(count).toBe(2);
  });
});
