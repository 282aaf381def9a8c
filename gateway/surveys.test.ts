import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importers } from '../importers/index.ts';
import { projectPath } from '../kit/project.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { parseSurveyPath } from './routes/surveys.ts';
import type { Running } from './start.ts';
import { ask, createFolder, startTest } from './test-gateway.ts';

let running: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  folder = await createFolder();
  running = await startTest({ STORE: `lmdb:${join(folder.path, 'store')}` }, { subgraphs, importers });
});

afterAll(async () => {
  expect(running.failures.count()).toBe(0);
  await running.close();
  await folder.remove();
});

const send = (survey: string, body: unknown, type = 'application/json', headers: Record<string, string> = {}) =>
  ask(`${running.address}/surveys/${survey}/responses`, body, { 'content-type': type, ...headers });
async function surveyOf(namespace: string) {
  const { body } = await ask(`${running.address}/graphql`, { query: '{ surveys(first: 100) { nodes { namespace name edition responses } } }' });
  return (body as { data: { surveys: { nodes: { namespace: string }[] } } }).data.surveys.nodes.filter((survey) => survey.namespace === namespace);
}

test.each([
  ['a:b:2024', { namespace: 'a', name: 'b', edition: '2024' }],
  ['a%2Fb:c%3Ad:2024', { namespace: 'a/b', name: 'c:d', edition: '2024' }],
  [encodeURIComponent('a:b c:2024'), { namespace: 'a', name: 'b c', edition: '2024' }],
])('%s names an edition', (segment, key) => {
  expect(parseSurveyPath(`/surveys/${segment}/responses?whole=false`)).toEqual(key);
});

test('one response is taken with 201, again as a repeat, and changed as a new version', async () => {
  const response = (value: string) => ({ responseId: 'r1', answeredAt: '2024-05-01T10:00:00Z', user: 'ann', team: 'readers', answers: [{ question: 'q', value }] });
  expect(await send('people:happy:2024', response('yes'))).toMatchObject({ status: 201, body: { status: 'accepted' } });
  expect(await send('people:happy:2024', response('yes'))).toMatchObject({ status: 201, body: { status: 'repeated' } });
  for (const responseId of ['r2', 'r3', 'r4', 'r5']) expect(await send('people:happy:2024', { ...response('yes'), responseId })).toMatchObject({ status: 201 });
  expect(await send('people:happy:2024', response('no'))).toMatchObject({ status: 201, body: { status: 'accepted' } });
  expect(await surveyOf('people')).toMatchObject([{ name: 'happy', edition: '2024', responses: 5 }]);
});

test('an export is taken as its importer takes it, gzipped too, and a second time changes nothing', async () => {
  const file = gunzipSync(await readFile(projectPath('sample', 'facts', 'jupyter-2020-surveymonkey.csv.gz')));
  const first = await send('jupyter:Jupyter%20survey:2020', file, 'text/csv; charset=utf-8');
  expect(first).toMatchObject({ status: 200, body: { repeated: 0, rejectedTotal: 0 } });
  const { rows } = first.body as { rows: number };
  expect(rows).toBeGreaterThan(1_000);
  expect(await send('jupyter:Jupyter%20survey:2020', gzipSync(file), 'text/csv', { 'content-encoding': 'gzip' })).toMatchObject({ status: 200, body: { rows, accepted: 0, repeated: rows } });
  expect(await surveyOf('jupyter')).toMatchObject([{ name: 'Jupyter survey', edition: '2020', responses: rows }]);
});

test('what cannot be taken is refused with what was expected, and listed', async () => {
  const refused = (code: string, field: string | undefined, message: string, status = 400) => ({ status, body: { error: { code, ...(field !== undefined && { field }), message: expect.stringContaining(message) } } });
  const response = { responseId: 'r9', answers: [] };
  expect(await send('people:happy', response)).toMatchObject(refused('EVENT_INVALID', undefined, '/surveys/NAMESPACE:NAME:EDITION/responses'));
  expect(await send('people::2024', response)).toMatchObject(refused('EVENT_INVALID', undefined, 'got people::2024'));
  expect(await send('people:happy:2024', { answers: [] })).toMatchObject(refused('EVENT_INVALID', 'responseId', 'response id'));
  expect(await send('people:happy:2024', [response])).toMatchObject({ status: 400, body: { error: { code: 'EVENT_INVALID' } } });
  expect(await send('people:happy:2024', '{"a"')).toMatchObject(refused('BODY_UNREADABLE', undefined, 'offset 4'));
  expect(await send('people:happy:2024', 'a,b', 'text/plain')).toMatchObject(refused('BODY_UNREADABLE', undefined, 'text/csv', 415));
  expect(await send('people:happy:2024', gzipSync('a,b\n'.repeat(1_000)).subarray(0, 30), 'text/csv', { 'content-encoding': 'gzip' })).toMatchObject(refused('FILE_TRUNCATED', undefined, 'gzip'));
  expect(await send('people:happy:2024', '<html>', 'text/csv')).toMatchObject({ status: 400, body: { error: { code: expect.stringMatching(/^FILE_/) } } });
  expect(await ask(`${running.address}/surveys/a:b:c/responses?colour=red`, 'a,b\n1,2\n', { 'content-type': 'text/csv' })).toMatchObject({ status: 400, body: { error: { code: 'FILE_BAD_PARAMETER' } } });
  const { body } = await ask(`${running.address}/graphql`, { query: '{ refusals(receiver: SURVEYS) { nodes { code field } } }' });
  expect((body as { data: { refusals: { nodes: unknown[] } } }).data.refusals.nodes).toHaveLength(3);
});
