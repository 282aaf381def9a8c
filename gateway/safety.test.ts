import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from './start.ts';
import { ask, createFolder, startTest } from './test-gateway.ts';

const KEY = { reader: 'the-key-of-the-reader-0001', boss: 'the-key-of-the-admin-00001' };
const API_KEYS = `reader read ${KEY.reader}; boss admin ${KEY.boss}`;

let open: Running;
let keyed: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  folder = await createFolder();
  open = await startTest({ STORE: `lmdb:${folder.path}/open` });
  keyed = await startTest({ STORE: `lmdb:${folder.path}/keyed`, API_KEYS });
});

afterAll(async () => {
  await Promise.all([open?.close(), keyed?.close()]);
  await folder.remove();
});

/** Every route that a server has, as Fastify prints its tree: a new one cannot be forgotten here. */
function routesOf({ app }: Running): { readonly method: string; readonly path: string }[] {
  const parents: string[] = [];
  return app.printRoutes({ commonPrefix: false }).split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods = ''] = /^((?:│ {3}| {4})*)[├└]── (\S+) \(([A-Z, ]+)\)$/.exec(line) ?? [];
    if (part === '') return [];
    const depth = indent.length / 4;
    parents.length = depth;
    const path = [...parents, part].join('').replace('//', '/');
    parents.push(part);
    return methods.split(', ').map((method) => ({ method, path }));
  });
}

describe('a server with keys', () => {
  test('lets nobody without a key do or read anything, on whichever route, but ask whether it lives', async () => {
    const routes = routesOf(keyed);
    expect(routes).toEqual(expect.arrayContaining([{ method: 'POST', path: '/events' }, { method: 'POST', path: '/api/v1/lineage/batch' }, { method: 'GET', path: '/graphql' }]));
    const statuses = await Promise.all(
      routes.map(async ({ method, path }) => {
        const isRead = method === 'GET' || method === 'HEAD';
        const response = await fetch(`${keyed.address}${path.replaceAll(/:\w+/g, 'notes')}`, { method, redirect: 'manual', ...(isRead ? {} : { body: '{}', headers: { 'content-type': 'application/json' } }) });
        await response.arrayBuffer();
        return [`${method} ${path}`, response.status] as const;
      }),
    );
    expect(statuses.filter(([, status]) => status !== 401).map(([route]) => route).toSorted()).toEqual(['GET /', 'GET /healthz', 'GET /readyz', 'HEAD /', 'HEAD /healthz', 'HEAD /readyz']);
  });

  test('lets a caller who may only read write on no route', async () => {
    const writes = routesOf(keyed).filter(({ method, path }) => !['GET', 'HEAD'].includes(method) && path !== '/graphql');
    expect(writes.length).toBeGreaterThan(6);
    const answers = await Promise.all(writes.map(({ path }) => ask(`${keyed.address}${path.replaceAll(/:\w+/g, 'notes')}`, {}, { authorization: `Bearer ${KEY.reader}` })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 403]));
  });

  test('gives each of many callers at once the answer of its own variables, and none what another may not', async () => {
    const asked = Array.from({ length: 400 }, (_, index) => index);
    await ask(`${keyed.address}/subgraphs/notes/events`, asked.map((index) => JSON.stringify({ kind: 'note', event: { id: `Note:${index}`, text: `text ${index}`, about: 'Thing:a' } })).join('\n'), {
      authorization: `Bearer ${KEY.boss}`, 'content-type': 'application/x-ndjson',
    });
    const query = 'query ($id: ID!) { note(id: $id) { text } }';
    const answers = await Promise.all(
      asked.map(async (index) => {
        const headers = index % 4 === 3 ? {} : { authorization: `Bearer ${index % 2 === 0 ? KEY.reader : KEY.boss}` };
        const { status, body } = await ask(`${keyed.address}/graphql`, { query, variables: { id: `Note:${index}` } }, headers);
        return status === 200 ? body : status;
      }),
    );
    expect(answers).toEqual(asked.map((index) => (index % 4 === 3 ? 401 : { data: { note: { text: `text ${index}` } } })));
  });
});

describe('what one request may ask for', () => {
  const things = (text: string): Promise<{ status: number; body: unknown }> => ask(`${open.address}/graphql`, { query: text });
  const repeat = (count: number, of: (index: number) => string): string => Array.from({ length: count }, (_, index) => of(index)).join(' ');

  test.each<[string, string, string]>([
    ['its depth', 'QUERY_TOO_DEEP', `{ __type(name: "Note") ${'{ ofType '.repeat(21)} { name } ${'}'.repeat(21)} }`],
    ['the brackets of its arguments, which would end a parser\'s stack', 'QUERY_TOO_DEEP', `{ note(id: ${'['.repeat(2_400)}${']'.repeat(2_400)}) { id } }`],
    ['its aliases', 'QUERY_TOO_COMPLEX', `{ ${repeat(201, (index) => `a${index}: __typename`)} }`],
    ['its fields', 'QUERY_TOO_COMPLEX', `{ ${repeat(2_001, () => '__typename')} }`],
    ['its directives', 'QUERY_TOO_COMPLEX', `{ ${repeat(201, () => '__typename @include(if: true)')} }`],
    ['the directives of one field', 'QUERY_TOO_COMPLEX', `{ __typename ${repeat(11, () => '@x')} }`],
    ['its tokens', 'QUERY_TOO_COMPLEX', `{ ${repeat(5_001, () => 'x')} }`],
  ])('is bounded by %s: %s', async (_, code, text) => {
    const { status, body } = await things(text);
    const [first] = (body as { errors: { extensions: { code: string } }[] }).errors;
    expect([status, first?.extensions.code]).toEqual([400, code]);
  });

  test('is bounded by its bytes, and is one operation', async () => {
    expect(await things(`{ __typename } #${'x'.repeat(1_048_576)}`)).toMatchObject({ status: 413, body: { errors: [{ extensions: { code: 'BODY_TOO_LARGE' } }] } });
    expect(await ask(`${open.address}/graphql`, [{ query: '{ __typename }' }])).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'BODY_UNREADABLE' } }] } });
  });

  test('may carry an empty operation name, which is none', async () => {
    expect(await ask(`${open.address}/graphql`, { query: '{ __typename }', operationName: '' })).toMatchObject({ status: 200, body: { data: { __typename: 'Query' } } });
    const answer = await fetch(`${open.address}/graphql?query=%7B__typename%7D&operationName=`, { headers: { accept: 'application/json', 'apollo-require-preflight': '1' } });
    expect([answer.status, await answer.json()]).toEqual([200, { data: { __typename: 'Query' } }]);
    expect(open.failures.count()).toBe(0);
  });
});
