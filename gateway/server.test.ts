import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from './limits.ts';
import type { Running } from './start.ts';
import { ask, createFolder, startTest } from './test-gateway.ts';

let running: Running;
let address = '';
let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  folder = await createFolder();
  const questions = join(folder.path, 'questions');
  await mkdir(questions);
  await writeFile(
    join(questions, 'heavy-things.graphql'),
    'query HeavyThings($about: ID!) @rows(path: "notes") @sum(path: "about.weight", as: "weight") @sort(by: "text", descending: true) { notes(about: $about) { text about { weight } } }',
  );
  await writeFile(join(questions, 'of-the-past.graphql'), 'query OfThePast { gone }');
  running = await startTest({ STORE: `lmdb:${join(folder.path, 'store')}`, CORS_ORIGINS: 'https://tools.example.com' }, { questionsFolder: questions });
  ({ address } = running);
  await running.gateway.ingest.send('note', ['one', 'two'].map((text) => ({ id: `Note:${text}`, text, about: 'Thing:a' })));
});

afterAll(async () => {
  await running.close();
  await folder.remove();
});

const graphql = (body: unknown, headers?: Record<string, string>) => ask(`${address}/graphql`, body, headers);

/** What the server answers to these bytes before it closes the connection. */
const raw = (head: string) =>
  new Promise<string>((resolve, reject) => {
    const socket = connect(Number(new URL(address).port), '127.0.0.1', () => socket.write(`${head}\r\n\r\n`));
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString())).on('end', () => resolve(text)).on('error', reject);
  });

describe('POST /graphql', () => {
  test('answers a question across subgraphs, in the media type of GraphQL over HTTP', async () => {
    const answer = await graphql({ query: '{ notes(about: "Thing:a") { text about { name } } }' }, { accept: 'application/graphql-response+json' });
    expect(answer.headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8');
    expect(answer).toMatchObject({
      status: 200,
      body: { data: { notes: [{ text: 'one', about: { name: 'thing a' } }, { text: 'two', about: { name: 'thing a' } }] } },
    });
  });

  test('finds anything by its id', async () => {
    const { body } = await graphql({ query: 'query ($id: ID!) { node(id: $id) { id ... on Note { text } } }', variables: { id: 'Note:two' } });
    expect(body).toEqual({ data: { node: { id: 'Note:two', text: 'two' } } });
  });

  test('names an unknown field in a validation error', async () => {
    const { status, body } = await graphql({ query: '{ noted }' }, { accept: 'application/graphql-response+json' });
    expect(status).toBe(400);
    expect(body).toMatchObject({ errors: [{ message: expect.stringContaining('"noted"'), extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] });
  });

  test('passes on what a resolver refuses', async () => {
    const { body } = await graphql({ query: '{ refused }' });
    expect(body).toMatchObject({ data: { refused: null }, errors: [{ message: 'expected something else', path: ['refused'], extensions: { code: 'BAD_ARGUMENT' } }] });
  });

  test('tells nothing of a fault of its own but an error id, and counts it', async () => {
    const { body } = await graphql({ query: '{ broken }' });
    expect(body).toMatchObject({ data: { broken: null }, errors: [{ path: ['broken'], extensions: { code: 'INTERNAL', errorId: expect.stringMatching(/^[0-9a-f-]{36}$/) } }] });
    expect(JSON.stringify(body)).not.toMatch(/secret|stack|TypeError/);
    expect(running.failures.count()).toBe(1);
  });

  test('refuses what nests too deep, repeats too much or is too long, each with its code', async () => {
    const deep = `{ note(id: "x") { ${'about { '.repeat(LIMITS.depth)} id ${'} '.repeat(LIMITS.depth)} } }`;
    const aliased = `{ ${Array.from({ length: LIMITS.aliases + 1 }, (_, index) => `a${index}: refused`).join(' ')} }`;
    const long = `{ ${'refused '.repeat(LIMITS.tokens)} }`;
    const codes = async (query: string) => ((await graphql({ query })).body as { errors: { extensions: { code: string } }[] }).errors.map((each) => each.extensions.code);
    expect(await codes(deep)).toContain('QUERY_TOO_DEEP');
    expect(await codes(aliased)).toEqual(['QUERY_TOO_COMPLEX']);
    expect(await codes(long)).toEqual(['QUERY_TOO_COMPLEX']);
  });

  test('refuses a body over the limit, a broken body, a batch and a form', async () => {
    expect(await graphql({ query: `{ refused } #${' '.repeat(LIMITS.graphqlBody)}` })).toMatchObject({ status: 413, body: { errors: [{ extensions: { code: 'BODY_TOO_LARGE' } }] } });
    expect(await graphql('{"query": nonsense')).toMatchObject({ status: 400, body: { errors: [{ message: expect.stringContaining('offset 10'), extensions: { code: 'BODY_UNREADABLE' } }] } });
    expect(await graphql([{ query: '{ refused }' }])).toMatchObject({ status: 400, body: { errors: [{ message: expect.stringContaining('got an array'), extensions: { code: 'BODY_UNREADABLE' } }] } });
    expect(await graphql('query=x', { 'content-type': 'text/plain' })).toMatchObject({ status: 415, body: { errors: [{ message: expect.stringContaining('application/json, got "text/plain"') }] } });
  });

  test('refuses what grows over the limit when unzipped, or comes without a length', async () => {
    const large = JSON.stringify({ query: `{ refused } #${' '.repeat(20 * LIMITS.graphqlBody)}` });
    expect(await graphql(gzipSync(large), { 'content-encoding': 'gzip' })).toMatchObject({ status: 413 });
    const chunked = await fetch(`${address}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Blob([large]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(chunked.status).toBe(413);
    expect(await graphql(gzipSync('{"query":"{ things { id } }"}'), { 'content-encoding': 'gzip' })).toMatchObject({ status: 200 });
    expect(await graphql('{}', { 'content-encoding': 'br' })).toMatchObject({ status: 415 });
    expect(await graphql('{}', { 'content-encoding': 'gzip' })).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'BODY_UNREADABLE' } }] } });
  });

  test('names the variable that has the wrong form', async () => {
    const { body } = await graphql({ query: 'query ($id: ID!) { note(id: $id) { text } }', variables: {} });
    expect(body).toMatchObject({ errors: [{ message: expect.stringContaining('$id'), extensions: { code: 'BAD_USER_INPUT' } }] });
  });
});

describe('what is no request', () => {
  const said = async (body: unknown) => {
    const answer = await graphql(body);
    return [answer.status, (answer.body as { errors: { message: string; extensions: { code: string } }[] }).errors.map(({ message, extensions: { code } }) => `${code} ${message}`).join()];
  };

  test.each([
    ['an empty body', '', 'Expected JSON, got an empty body'],
    ['null', 'null', 'Expected a JSON object such as {"query": "{ __typename }"}, got null'],
    ['a string', '"x"', 'got a string'],
    ['an object without a document', {}, 'The request has no document'],
    ['a document that is a number', { query: 12 }, 'Expected query to be a string that holds the document, got a number'],
    ['variables that are a list', { query: '{ refused }', variables: [1] }, 'Expected variables to be a JSON object, got an array'],
  ])('%s is refused with what was expected', async (_, body, message) => {
    expect(await said(body)).toEqual([400, expect.stringMatching(/^BODY_UNREADABLE /)]);
    expect((await said(body))[1]).toContain(message);
  });

  test('an operation that the document does not have is refused by name', async () => {
    expect(await said({ query: 'query A { __typename }', operationName: 'B' })).toEqual([400, 'OPERATION_RESOLUTION_FAILURE Unknown operation named "B".']);
  });

  test('an address that is none or too long, and bytes that are no HTTP, are refused in the form of all refusals', async () => {
    const answer = async (head: string) => {
      const text = await raw(head);
      return [Number(text.slice(9, 12)), JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)) as unknown];
    };
    expect(await answer('GET /%zz HTTP/1.1\r\nhost: localhost\r\nconnection: close')).toEqual([400, { error: { code: 'NOT_FOUND', message: expect.stringContaining('got /%zz') } }]);
    expect(await answer(`GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: localhost`)).toEqual([431, { error: { code: 'BODY_TOO_LARGE', message: expect.stringContaining('by POST') } }]);
    expect(await answer('nonsense')).toEqual([400, { error: { code: 'BODY_UNREADABLE', message: 'The bytes are no HTTP/1.1 request.' } }]);
  });
});

describe('saved questions', () => {
  const expected = {
    data: { notes: [{ text: 'two', about: { weight: 7 } }, { text: 'one', about: { weight: 7 } }] },
    extensions: { rows: [{ weight: 7 }, { weight: 7 }] },
  };

  test('are asked by name, with their rows summed and sorted', async () => {
    const variables = { about: 'Thing:a' };
    expect((await graphql({ operationName: 'heavy-things', variables })).body).toEqual(expected);
    expect((await graphql({ id: 'heavy-things', variables })).body).toEqual(expected);
    expect((await graphql({ operationName: 'HeavyThings', variables })).body).toEqual(expected);
    const query = new URLSearchParams({ operationName: 'heavy-things', variables: JSON.stringify(variables) });
    expect((await ask(`${address}/graphql?${query}`, undefined, { 'apollo-require-preflight': '1' })).body).toEqual(expected);
  });

  test('that are unknown or do not fit the schema are refused by name', async () => {
    expect(await graphql({ operationName: 'nonsense' })).toMatchObject({ status: 400, body: { errors: [{ message: expect.stringContaining('heavy-things'), extensions: { code: 'QUESTION_NOT_FOUND' } }] } });
    expect(await graphql({ operationName: 'of-the-past' })).toMatchObject({ status: 400, body: { errors: [{ message: expect.stringContaining('"gone"'), extensions: { code: 'QUESTION_INVALID' } }] } });
  });

  test('open in the page by name', async () => {
    const { status, headers } = await ask(`${address}/graphql?question=heavy-things`, undefined, { accept: 'text/html' });
    expect(status).toBe(302);
    expect(new URL(headers.get('location') ?? '', address).searchParams.get('query')).toContain('query HeavyThings');
  });
});

describe('GET /graphql', () => {
  test('gives a browser GraphiQL, which loads nothing from elsewhere', async () => {
    const { status, headers, body } = await ask(`${address}/graphql`, undefined, { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = String(body);
    expect(page).toContain('renderYogaGraphiQL');
    expect(page.match(/<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)="(?!data:|\$\{)[^"]*"/g)).toBeNull();
    expect(page.match(/@import\s|url\(["']?https?:|importScripts\(["']https?:|\bimport\(["']https?:/g)).toBeNull();
  });

  test('asks for a header that no page can send unasked', async () => {
    expect((await ask(`${address}/graphql?query=%7Brefused%7D`)).status).toBe(400);
  });
});

describe('access', () => {
  test('refuses a host name that is not of this machine', async () => {
    expect(await raw('GET /healthz HTTP/1.1\r\nhost: rebound.example.com\r\nconnection: close')).toMatch(/^HTTP\/1.1 403[\s\S]*HOST_NOT_ALLOWED/);
    expect(await raw('GET /healthz HTTP/1.1\r\nhost: localhost:4000\r\nconnection: close')).toMatch(/^HTTP\/1.1 200/);
  });

  test('tells pages of a named origin that they may call, on errors as well', async () => {
    const answer = await graphql({ query: '{ noted }' }, { origin: 'https://tools.example.com' });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://tools.example.com');
  });

  test('refuses what a page of another origin sends', async () => {
    const { status, body, headers } = await ask(`${address}/api/v1/lineage`, '{}', { origin: 'https://elsewhere.example.com', 'content-type': 'text/plain' });
    expect({ status, body }).toMatchObject({ status: 403, body: { error: { code: 'ORIGIN_NOT_ALLOWED' } } });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  test('answers a browser that asks first', async () => {
    const response = await fetch(`${address}/graphql`, { method: 'OPTIONS', headers: { origin: 'https://tools.example.com', 'access-control-request-headers': 'content-type' } });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-headers')).toBe('content-type');
    expect(Number(response.headers.get('access-control-max-age'))).toBeGreaterThan(0);
  });
});

describe('what the process is', () => {
  test('lives, and is ready with the state of each subgraph and the question that does not fit', async () => {
    expect((await ask(`${address}/healthz`)).body).toEqual({ status: 'ok', name: 'loopgraph' });
    expect(await ask(`${address}/readyz`)).toMatchObject({
      status: 200,
      body: {
        ready: true,
        subgraphs: { notes: { state: 'ready', runs: 'here' }, things: { state: 'ready' }, node: { state: 'ready' } },
        questions: { ready: 1, invalid: { 'of-the-past': expect.stringContaining('"gone"') } },
      },
    });
  });

  test('shows the schema of its clients and the supergraph with its own address', async () => {
    const { body: schema } = await ask(`${address}/schema.graphql`);
    expect(schema).toContain('type Note implements Node');
    expect(schema).not.toContain('join__');
    expect((await ask(`${address}/supergraph.graphql`)).body).toContain(`url: "${address}/subgraphs/notes/graphql"`);
    expect((await ask(`${address}/supergraph.graphql`, undefined, { 'x-forwarded-for': '10.0.0.1' })).body).toContain('name: "notes", url: ""');
  });

  test('says where nothing is, and what a path takes in place of another method', async () => {
    expect(await ask(`${address}/nothing`)).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
    for (const path of ['api/v1/lineage', 'import/notes', 'subgraphs/notes/graphql']) {
      const { status, headers, body } = await ask(`${address}/${path}`);
      expect({ status, allow: headers.get('allow'), body }).toMatchObject({ status: 405, allow: 'POST', body: { error: { message: expect.stringContaining('takes POST') } } });
    }
    expect(await fetch(`${address}/graphql`, { method: 'DELETE' }).then(({ status }) => status)).toBe(405);
  });
});

describe('/subgraphs/{name}', () => {
  test('serves each subgraph as the specification of subgraphs has it', async () => {
    const { body: sdl } = await ask(`${address}/subgraphs/notes/graphql`, { query: '{ _service { sdl } }' });
    expect(sdl).toMatchObject({ data: { _service: { sdl: expect.stringContaining('type Note') } } });
    const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Note { text } } }';
    expect((await ask(`${address}/subgraphs/notes/graphql`, { query, variables: { r: [{ __typename: 'Note', id: 'Note:one' }] } })).body).toEqual({ data: { _entities: [{ text: 'one' }] } });
    expect(await ask(`${address}/subgraphs/notes/graphql`, { query: '{ things { id } }' })).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] } });
    const asked = (body: object) => ask(`${address}/subgraphs/notes/graphql`, body);
    const refused = (code: string) => ({ status: 400, body: { errors: [{ extensions: { code } }] } });
    expect(await asked({ query: '{ notes' })).toMatchObject(refused('GRAPHQL_PARSE_FAILED'));
    expect(await asked({ query: 'query A { __typename }', operationName: 'B' })).toMatchObject(refused('OPERATION_RESOLUTION_FAILURE'));
    expect(await asked({ query: 'query A { __typename } query B { __typename }' })).toMatchObject(refused('OPERATION_RESOLUTION_FAILURE'));
    expect(await asked({ query: 'query ($id: ID!) { note(id: $id) { text } }' })).toMatchObject(refused('BAD_USER_INPUT'));
    expect(await asked({ query, variables: { r: [{ __typename: 'Absent', id: 'x' }] } })).toMatchObject({ ...refused('BAD_USER_INPUT'), status: 200 });
    expect(await ask(`${address}/subgraphs/absent/graphql`, { query: '{ __typename }' })).toMatchObject({ status: 404, body: { errors: [{ message: expect.stringContaining('notes, things') }] } });
  });

  test('takes events line by line and sums what became of them', async () => {
    const lines = [
      { kind: 'note', event: { id: 'Note:a', text: 'a', about: 'Thing:c' } },
      { kind: 'note', event: { id: 'Note:b' } },
      { kind: 'song', event: {} },
      'nonsense',
      { kind: 'note', event: { id: 'Note:one', text: 'one', about: 'Thing:a' } },
    ];
    const { status, body } = await ask(`${address}/subgraphs/notes/events`, lines.map((each) => `${typeof each === 'string' ? each : JSON.stringify(each)}\n`).join(''), { 'content-type': 'application/x-ndjson' });
    expect({ status, body }).toMatchObject({ status: 200, body: { accepted: 1, repeated: 1, rejected: [{ index: 1, field: 'text' }, { index: 2, code: 'EVENT_UNKNOWN_KIND' }, { index: 3, code: 'EVENT_INVALID' }] } });
  });
});

test('no fault of its own came up but the one that was provoked', () => {
  expect(running.failures.count()).toBe(1);
});
