import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dumpStore } from '../kit/store/test-dump.ts';
import { importers } from '../importers/index.ts';
import { RECEIVERS } from '../subgraphs/intake/events.ts';
import { dumpGraph, removeDocuments } from './people/dump.ts';
import { AGAIN, LINES, MADE, type PersonalRequest, REPORTS, REQUESTS, SENT } from './people/requests.ts';
import { createFolder, type Program, startProgram, startServer } from './program.ts';

const KEY = 'Zq-the-key-of-the-tests-and-of-nobody';
const ADDRESS_KEY = 'Zq-another-key-that-stands-in-addresses';
const WRONG_KEY = 'Zq-a-key-that-no-caller-has-at-all';
const PSEUDONYM_KEY = 'Zq-a-key-of-the-tests-for-pseudonyms';
/** What a question says is the asker's own, and is in its answer; it is in no log. */
const ASKED = 'Zq-someone-who-is-asked-for';
const COOKIE = 'Zq-a-cookie-that-came-along';

let folder: Awaited<ReturnType<typeof createFolder>>;
let program: Program;
let address: string;
let STORE: string;
const answers: { readonly to: string; readonly status: number; readonly text: string }[] = [];

beforeAll(async () => {
  folder = await createFolder();
  STORE = `lmdb:${folder.path}/store`;
  ({ program, address } = await startServer({ STORE, LOG_LEVEL: 'trace', PSEUDONYM_KEY, API_KEYS: `tests read+emit+own+admin ${KEY};players emit:players ${ADDRESS_KEY}` }));
});
afterAll(async () => {
  await program.stop();
  await folder.remove();
});

async function send({ path, headers, body }: PersonalRequest, key = KEY): Promise<{ readonly status: number; readonly text: string }> {
  const own = path.includes('?key=') ? {} : { authorization: `Bearer ${key}` };
  const response = await fetch(`${address}${path}`, { method: 'POST', headers: { ...own, cookie: `session=${COOKIE}`, ...headers }, body: typeof body === 'string' ? body : new Uint8Array(body) });
  const answer = { to: path, status: response.status, text: await response.text() };
  answers.push(answer);
  return answer;
}

/** How made values begin, each like no other, in whatever case; one look finds those that are cut short, too. */
const BEGINNING = /zq\d+x/gi;

/** Values that are found, each with where; numbers only as whole numbers. */
function findIn(places: Readonly<Record<string, string>>, values: readonly string[]): string[] {
  return Object.entries(places).flatMap(([place, text]) => {
    const digits = new Set(text.match(/\d{5,}/g) ?? []);
    const made = new Set((text.match(BEGINNING) ?? []).map((each) => each.toLowerCase()));
    const isIn = (value: string): boolean => {
      if (/^\d+$/.test(value)) return digits.has(value);
      const [beginning] = value.match(BEGINNING) ?? [];
      return beginning === undefined ? text.includes(value) : made.has(beginning.toLowerCase());
    };
    return values.filter(isIn).map((value) => {
      const at = text.indexOf(value.replace(/^(zq\d+x).*$/i, '$1'));
      return `${value} in ${place}: ${JSON.stringify(text.slice(Math.max(0, at - 120), at + value.length + 20))}`;
    });
  });
}

/** What runs of base64 in a text say, each read from its first four characters on. */
const decodeRuns = (text: string): string => (text.match(/[\w+/-]{16,}/g) ?? []).flatMap((run) => [0, 1, 2, 3].map((from) => Buffer.from(run.slice(from), 'base64').toString('latin1'))).join('\n');

test('every receiver and every importer is sent something of people', () => {
  const paths = new Set(REQUESTS.map(({ path }) => path.replace(/\?.*$/, '')));
  expect(importers.filter(({ kind }) => !paths.has(`/import/${kind}`))).toEqual([]);
  expect(['/api/v1/lineage', '/api/v1/lineage/batch', '/cmcd', '/events', '/surveys/people:happy:2024/responses', ...['viewing', 'platform', 'feedback'].map((name) => `/subgraphs/${name}/events`)].filter((path) => !paths.has(path))).toEqual([]);
  const modes = REQUESTS.filter(({ path }) => path === '/events').map(({ headers }) => headers['content-type']);
  expect(new Set(modes)).toEqual(new Set(['application/cloudevents+json', 'application/cloudevents-batch+json', 'application/json', 'text/plain']));
});

test('what anyone sends of people and secrets is in no byte of the store, no line of the log, no answer, no metric, no copy and nothing that a program prints', async () => {
  expect(MADE.filter((value) => value.endsWith('xsent')).length).toBeGreaterThan(10);
  expect(MADE.length).toBeGreaterThan(300);

  for (const event of SENT) await send({ path: '/api/v1/lineage', headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) });
  for (const body of REPORTS) await send({ path: '/cmcd?source=players', headers: { 'content-type': 'application/cmcd' }, body });
  for (const request of REQUESTS) await send(request);
  const report: PersonalRequest = { path: `/cmcd?key=${ADDRESS_KEY}`, headers: { 'content-type': 'application/cmcd' }, body: 'cid="A film",e=ps,sid="by-key",sn=1,sta=p,ts=1731837600000,v=2' };
  await send(report);
  const [kept] = REQUESTS as [PersonalRequest];
  expect(await send(kept, WRONG_KEY)).toMatchObject({ status: 401 });
  await send({ ...kept, path: `/nobody?key=${WRONG_KEY}` });
  await send({ ...kept, path: `/graphql?key=${WRONG_KEY}`, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: '{ user(id: "x") { id' }) });
  for (const request of AGAIN) await send(request);
  const question = { query: `query ($id: ID!) { node(id: $id) { id } team(id: "${ASKED}") { id } }`, variables: { id: `${ASKED}@corp.example` } };
  await fetch(`${address}/graphql?${new URLSearchParams({ query: question.query, variables: JSON.stringify(question.variables) }).toString()}`, { headers: { authorization: `Bearer ${KEY}`, 'apollo-require-preflight': '1' } });
  await fetch(`${address}/graphql`, { method: 'POST', headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }, body: JSON.stringify(question) });
  // Of each sort: taken, refused, unreadable, and not allowed.
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 201, 204, 400, 401, 404]));

  const ask = async (query: string): Promise<string> => {
    const response = await fetch(`${address}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` }, body: JSON.stringify({ query }) });
    return response.text();
  };
  const graph = await dumpGraph(ask);
  const metrics = await (await fetch(`${address}/metrics`, { headers: { authorization: `Bearer ${KEY}` } })).text();
  const ready = await (await fetch(`${address}/readyz`)).text();
  const printed: Record<string, string> = {};
  const run = async (name: string, told: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> => {
    const { code, stdout, stderr } = await startProgram(name, { STORE, PSEUDONYM_KEY, ...environment }, args).ended;
    printed[told] = `${stdout}${stderr}`;
    return `${code} ${stdout}${stderr}`;
  };
  const copy = `${folder.path}/copy`;
  expect(await run('gateway/backup', 'the copying', [copy])).toMatch(/^0 Copied /);
  const { stdout, stderr } = await program.stop();
  const file = `${folder.path}/events.ndjson`;
  writeFileSync(file, LINES);
  expect(await run('importers/main', 'the import', ['openlineage', file])).toContain('expected JSON');
  const { bytes, documents } = await dumpStore(`${folder.path}/store`, 'latin1');
  expect(await run('gateway/rebuild', 'the rebuild', ['--scratch', folder.path])).toMatch(/^0 [^]*Nothing differs\.\n$/);
  const copied = await dumpStore(copy, 'latin1');
  // With what is missing it prints documents.
  expect(await removeDocuments(copy)).toBeGreaterThan(100);
  expect(await run('gateway/rebuild', 'the rebuild of what is missing', ['--scratch', folder.path], { STORE: `lmdb:${copy}` })).toMatch(/^1 [^]*is missing; computed is /);

  const places = {
    'the bytes of the store': bytes, 'the documents of the store': documents, 'the bytes of the copy': copied.bytes, 'the documents of the copy': copied.documents, ...printed, 'the log': stderr, 'what is printed': stdout, 'the metrics': metrics, 'the readiness': ready,
    ...Object.fromEntries(graph.map(({ field, answer }) => [`the graph's ${field}`, answer])),
    ...Object.fromEntries(answers.map(({ to, text }, place) => [`answer ${place} to ${to}`, text])),
  };
  const values = [...MADE, KEY, ADDRESS_KEY, WRONG_KEY, PSEUDONYM_KEY, COOKIE];
  expect(findIn(places, values)).toEqual([]);
  expect(findIn({ stdout, stderr, metrics, bytes }, [ASKED])).toEqual([]);
  // Nor hidden in base64, wherever in its three places it begins.
  expect(findIn({ decoded: decodeRuns(Buffer.from(`<a>${MADE[0]}@`).toString('base64')) }, MADE)).toHaveLength(1);
  expect(findIn({ documents: decodeRuns(documents) }, MADE)).toEqual([]);

  // What is looked through holds what was sent beside it, and people's pseudonyms.
  expect(findIn({ documents }, ['people-1', 'com.example.change', 'A film'])).toHaveLength(3);
  expect(documents).toMatch(/person:[\w-]{22}/);
  expect(stderr).toContain('"route":"/cmcd"');
  const told = Object.fromEntries(graph.map(({ field, answer }) => [field, answer]));
  expect(told['runs']).toContain('people-1');
  expect(told['refusals']).toContain('EVENT_INVALID');
  for (const receiver of RECEIVERS) expect([receiver, told['refusals']?.includes(`"receiver":"${receiver}"`)]).toEqual([receiver, true]);
  expect(told['unclaimedEvents']).toContain('com.example.change');
  expect(['runs', 'jobs', 'datasets', 'teams', 'surveys', 'shows', 'refusals', 'unclaimedEvents'].filter((field) => told[field]?.includes('"errors"') !== false)).toEqual([]);
}, 280_000);
