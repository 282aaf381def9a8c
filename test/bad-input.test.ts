import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from '../gateway/start.ts';
import { ask, createFolder, startTest } from '../gateway/test-gateway.ts';
import { importers } from '../importers/index.ts';
import { isErrorCode } from '../kit/graph/errors.ts';
import { projectPath } from '../kit/project.ts';
import { subgraphs } from '../subgraphs/index.ts';

/*
 * What a caller of the whole graph is told of input that cannot be taken: what was expected, with a code of the public
 * list, and nothing of the server's inside. The gateway's own tests hold the rest of what its routes refuse.
 */

let running: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;
let zipped: Buffer;

beforeAll(async () => {
  folder = await createFolder();
  running = await startTest({ STORE: `lmdb:${folder.path}` }, { subgraphs, importers });
  zipped = await readFile(projectPath('sample', 'facts', 'netflix-top10-global.tsv.gz'));
  await ask(`${running.address}/import/netflix-top10`, Buffer.from(firstLines(20)));
});

afterAll(async () => {
  await running.close();
  await folder.remove();
});

const firstLines = (count: number): string => `${gunzipSync(zipped).toString().split('\n').slice(0, count).join('\n')}\n`;

interface Refused {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Asks, and expects exactly one error, of the public list. */
async function refusalOf(query: string, variables: object = {}): Promise<Refused> {
  const { status, body } = await ask(`${running.address}/graphql`, { query, variables });
  const { errors } = body as { errors: { message: string; extensions: { code: string } }[] };
  expect(errors).toHaveLength(1);
  const [{ message, extensions: { code } }] = errors as [typeof errors[number]];
  expect(isErrorCode(code)).toBe(true);
  expect(JSON.stringify(body)).not.toMatch(/stacktrace|\.[jt]s:\d|node_modules|http:\/\//);
  return { status, code, message };
}

const windowed = (window: string): string => `{ platformUse(window: ${window}) { groups { shareOfRunTime } } }`;
const nested = (depth: number): string => `{ shows { nodes ${'{ datasets { shows { nodes '.repeat(depth)} { id } ${'} } }'.repeat(depth)} } }`;

describe('a question that cannot be answered', () => {
  test.each([
    ['an unknown field', '{ shows { nodes { titel } } }', 'GRAPHQL_VALIDATION_FAILED', '"titel" on type "Show". Did you mean "title"?'],
    ['a cursor of nobody', '{ shows(first: 1, after: "zzzz") { nodes { id } } }', 'BAD_CURSOR', 'expected a cursor from `endCursor`'],
    ['a page over its cap', '{ shows(first: 5000) { nodes { id } } }', 'PAGE_TOO_LARGE', 'at most 1000, got 5000; ask for more by `after`'],
    ['a page of less than nothing', '{ shows(first: -1) { nodes { id } } }', 'BAD_ARGUMENT', 'from 0 to 1000, got -1'],
    ['a window that ends before it starts', windowed('{ from: "2026-02-01", to: "2026-01-01" }'), 'WINDOW_REVERSED', 'Swap the edges'],
    ['a time zone that is none', windowed('{ from: "2026-01-01", to: "2026-02-01", timeZone: "Mars/Olympus" }'), 'UNKNOWN_TIME_ZONE', 'got "Mars/Olympus"'],
    ['an edge off its granularity', windowed('{ from: "2026-01-01", to: "2026-02-02", granularity: WEEK }'), 'WINDOW_OFF_GRANULARITY', 'The nearest are 2025-12-29T00:00:00.000Z and 2026-01-05T00:00:00.000Z'],
    ['an edge that is no time', windowed('{ from: "yesterday", to: "2026-02-02" }'), 'BAD_ARGUMENT', 'got "yesterday"'],
    ['too many points', windowed('{ from: "1026-01-01", to: "2026-02-01", granularity: QUARTER_HOUR }'), 'WINDOW_TOO_MANY_POINTS', 'coarser granularity'],
    ['an operation 30 deep', nested(10), 'QUERY_TOO_DEEP', 'at most 20 are allowed. Ask in several operations.'],
    ['a thousand aliases', `{ ${Array.from({ length: 1000 }, (_, index) => `a${index}: __typename`).join(' ')} }`, 'QUERY_TOO_COMPLEX', '1000 aliases; at most 200'],
    ['a thousand aliases of lists', `{ ${Array.from({ length: 1000 }, (_, index) => `a${index}: shows(first: 1) { nodes { id } }`).join(' ')} }`, 'QUERY_TOO_COMPLEX', 'more than the 5000 tokens'],
  ])('says of %s what was expected', async (_, query, code, message) => {
    const refused = await refusalOf(query);
    expect(refused.code).toBe(code);
    expect(refused.message).toContain(message);
  });

  test("says that a cursor is another list's", async () => {
    const { body } = await ask(`${running.address}/graphql`, { query: '{ shows(first: 1) { pageInfo { endCursor } } }' });
    const { endCursor: after } = (body as { data: { shows: { pageInfo: { endCursor: string } } } }).data.shows.pageInfo;
    expect(after).not.toBeNull();
    expect(await refusalOf('query ($after: String) { jobs(first: 1, after: $after) { nodes { id } } }', { after })).toMatchObject({ code: 'CURSOR_OF_ANOTHER_QUERY' });
    expect(await refusalOf('query ($after: String) { shows(title: "x", first: 1, after: $after) { nodes { id } } }', { after })).toMatchObject({ code: 'CURSOR_OF_ANOTHER_QUERY' });
  });

  test('refuses a body of 20 MB, also as events', async () => {
    const large = JSON.stringify({ query: `{ __typename } #${' '.repeat(20_000_000)}` });
    expect(await ask(`${running.address}/graphql`, large)).toMatchObject({ status: 413, body: { errors: [{ extensions: { code: 'BODY_TOO_LARGE' } }] } });
    expect(await ask(`${running.address}/api/v1/lineage`, large)).toMatchObject({ status: 413, body: { error: { code: 'BODY_TOO_LARGE' } } });
  });

  test('answers GET with JSON, and with the page where a browser asks', async () => {
    const url = `${running.address}/graphql?query=${encodeURIComponent('{ __typename }')}`;
    expect(await ask(url, undefined, { 'apollo-require-preflight': '1' })).toMatchObject({ status: 200, body: { data: { __typename: 'Query' } } });
    expect((await ask(url, undefined, { accept: 'text/html' })).headers.get('content-type')).toBe('text/html; charset=utf-8');
  });
});

describe('a file that cannot be imported', () => {
  const importing = (body: string | Buffer, kind = 'netflix-top10') => ask(`${running.address}/import/${kind}`, body);
  const refused = (code: string, message: string, status = 400) => ({ status, body: { error: { code, message: expect.stringContaining(message) } } });

  test.each([
    ['a page', '<html>', 'got a web page or XML'],
    ['JSON', '{"a": 1}\n', 'got JSON'],
    ['nothing', '', 'got an empty file'],
  ])('is refused where it is %s', async (_, text, message) => {
    expect(await importing(text)).toMatchObject(refused('FILE_WRONG_KIND', message));
  });

  test('is refused where it is half a gzip file, lacks a column, or is of a kind that nobody knows', async () => {
    expect(await importing(zipped.subarray(0, 20_000))).toMatchObject(refused('FILE_TRUNCATED', 'fetch the file again'));
    expect(await importing(firstLines(3).replace('weekly_hours_viewed', 'hours'))).toMatchObject(refused('FILE_MISSING_COLUMN', 'with the column weekly_hours_viewed; line 1 has'));
    expect(await importing(firstLines(3), 'songs')).toMatchObject(refused('FILE_UNKNOWN_KIND', 'known are cloudevents', 404));
  });

  test('is taken but for its broken rows, which are named', async () => {
    const [header = '', ...rows] = firstLines(6).trimEnd().split('\n');
    const text = `${[header, rows[0], 'broken', ...rows.slice(1)].join('\n')}\n`;
    expect(await importing(text)).toMatchObject({
      status: 200,
      body: { rows: 6, accepted: 0, repeated: 5, rejectedTotal: 1, rejected: [{ line: 3, code: 'ROW_INVALID', message: 'expected 9 cells as in the header, got 1' }] },
    });
  });
});

test('none of it is a fault of the server', () => {
  expect(running.failures.count()).toBe(0);
});
