import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from './start.ts';
import { ask, createFolder, startTest } from './test-gateway.ts';

const KEYS = 'reader read reader-key-of-the-tests-0001; boss admin boss-key-of-the-tests-00000001';
const READER = { authorization: 'Bearer reader-key-of-the-tests-0001' };
const BOSS = { authorization: 'Bearer boss-key-of-the-tests-00000001' };

let blind: Running;
let strict: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  folder = await createFolder();
  await writeFile(join(folder.path, 'what-is-refused.graphql'), 'query WhatIsRefused($id: ID! = "none") { note(id: $id) { text } }');
  const questionsFolder = folder.path;
  blind = await startTest({ STORE: `lmdb:${folder.path}/blind`, INTROSPECTION: 'off', API_KEYS: KEYS }, { questionsFolder });
  strict = await startTest({ STORE: `lmdb:${folder.path}/strict`, OPERATIONS: 'saved', API_KEYS: KEYS }, { questionsFolder });
});

afterAll(async () => {
  await Promise.all([blind?.close(), strict?.close()]);
  await folder.remove();
});

describe('INTROSPECTION=off', () => {
  const query = (text: string, headers: Readonly<Record<string, string>> = READER) => ask(`${blind.address}/graphql`, { query: text }, headers);

  test.each(['{ __schema { queryType { name } } }', '{ a: __type(name: "Note") { name } }', '{ ...F } fragment F on Query { __schema { description } }'])('refuses %s, whoever asks', async (text) => {
    for (const caller of [READER, BOSS]) {
      expect(await query(text, caller)).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'INTROSPECTION_OFF' } }] } });
    }
  });

  test('answers all else, __typename too', async () => {
    expect((await query('{ __typename note(id: "a") { __typename text } }')).body).toEqual({ data: { __typename: 'Query', note: null } });
  });

  test('does not answer a wrong name with right ones', async () => {
    const { body } = await query('{ noted(id: "a") { text } }');
    expect(body).toMatchObject({ errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] });
    expect(JSON.stringify(body)).not.toContain('Did you mean');
  });

  test.each(['/schema.graphql', '/supergraph.graphql'])('gives %s to administrators only', async (path) => {
    expect((await ask(`${blind.address}${path}`, undefined, READER)).status).toBe(403);
    expect((await ask(`${blind.address}${path}`, undefined, BOSS)).status).toBe(200);
  });

  test('opens GraphiQL with a query that does not introspect', async () => {
    const { status, body } = await ask(`${blind.address}/graphql`, undefined, { ...READER, accept: 'text/html' });
    expect(status).toBe(200);
    expect(body).toContain('This server does not tell its schema');
  });
});

describe('OPERATIONS=saved', () => {
  const send = (body: object) => ask(`${strict.address}/graphql`, body, READER);
  const refused = { status: 403, body: { errors: [{ message: expect.stringContaining('Saved are what-is-refused.'), extensions: { code: 'OPERATION_NOT_SAVED' } }] } };

  test('runs a saved question by name, with its variables', async () => {
    expect(await send({ operationName: 'WhatIsRefused' })).toMatchObject({ status: 200, body: { data: { note: null } } });
    expect(await send({ id: 'what-is-refused', variables: { id: 'b' } })).toMatchObject({ status: 200, body: { data: { note: null } } });
    expect(await send({ operationName: 'what-is-not-saved' })).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'QUESTION_NOT_FOUND' } }] } });
  });

  test.each<[string, object]>([
    ['a document', { query: '{ __typename }' }],
    ['a document beside the name of a question', { query: '{ __typename }', operationName: 'what-is-refused', id: 'what-is-refused' }],
    ['a hash of a document', { extensions: { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } } }],
    ['a hash beside the name of a question', { operationName: 'what-is-refused', extensions: { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } } }],
  ])('refuses %s', async (_, body) => {
    expect(await send(body)).toMatchObject(refused);
  });

  test('refuses a document in an address, and GraphiQL, which sends documents', async () => {
    expect(await ask(`${strict.address}/graphql?query=%7B__typename%7D`, undefined, { ...READER, 'apollo-require-preflight': '1' })).toMatchObject(refused);
    expect(await ask(`${strict.address}/graphql`, undefined, { ...READER, accept: 'text/html' })).toMatchObject(refused);
  });
});
