import { afterAll, beforeAll, expect, test } from 'vitest';
import { dumpGraph, dumpStore } from './people/dump.ts';
import { MADE, type PersonalRequest, REPORTS, REQUESTS, SENT } from './people/requests.ts';
import { createFolder, type Program, startServer } from './program.ts';

const KEY = 'Zq-the-key-of-the-tests-and-of-nobody';
const ADDRESS_KEY = 'Zq-another-key-that-stands-in-addresses';
const WRONG_KEY = 'Zq-a-key-that-no-caller-has-at-all';
const COOKIE = 'Zq-a-cookie-that-came-along';

let folder: Awaited<ReturnType<typeof createFolder>>;
let program: Program;
let address: string;
const answers: { readonly to: string; readonly status: number; readonly text: string }[] = [];

beforeAll(async () => {
  folder = await createFolder();
  ({ program, address } = await startServer({ STORE: `lmdb:${folder.path}/store`, LOG_LEVEL: 'trace', PSEUDONYM_KEY: 'a-key-of-the-tests-and-of-nobody', API_KEYS: `tests read+emit+own+admin ${KEY};players emit ${ADDRESS_KEY}` }));
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

/** Values that are found, each with where; numbers only as whole numbers. */
function findIn(places: Readonly<Record<string, string>>, values: readonly string[]): string[] {
  return Object.entries(places).flatMap(([place, text]) => {
    const digits = new Set(text.match(/\d{5,}/g) ?? []);
    return values.filter((value) => (/^\d+$/.test(value) ? digits.has(value) : text.includes(value))).map((value) => {
      const at = text.indexOf(value);
      return `${value} in ${place}: ${JSON.stringify(text.slice(Math.max(0, at - 120), at + value.length + 20))}`;
    });
  });
}

test('what anyone sends of people and secrets is in no byte of the store, no line of the log, no answer and no metric', async () => {
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
  // Of each sort: taken, refused, unreadable, and not allowed.
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 201, 204, 400, 401, 404]));

  const ask = async (query: string): Promise<string> => {
    const response = await fetch(`${address}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` }, body: JSON.stringify({ query }) });
    return response.text();
  };
  const graph = await dumpGraph(ask);
  const metrics = await (await fetch(`${address}/metrics`, { headers: { authorization: `Bearer ${KEY}` } })).text();
  const ready = await (await fetch(`${address}/readyz`)).text();
  const { stdout, stderr } = await program.stop();
  const { bytes, documents } = await dumpStore(`${folder.path}/store`);

  const places = {
    'the bytes of the store': bytes, 'the documents of the store': documents, 'the log': stderr, 'what is printed': stdout, 'the metrics': metrics, 'the readiness': ready,
    ...Object.fromEntries(graph.map(({ field, answer }) => [`the graph's ${field}`, answer])),
    ...Object.fromEntries(answers.map(({ to, text }, place) => [`answer ${place} to ${to}`, text])),
  };
  const values = [...MADE, KEY, ADDRESS_KEY, WRONG_KEY, COOKIE];
  expect(findIn(places, values)).toEqual([]);
  // Nor hidden in base64, whole in one piece.
  expect(findIn({ bytes, documents }, MADE.map((value) => Buffer.from(`>${value}@`).toString('base64').slice(2, -3)))).toEqual([]);

  // What is looked through holds what was sent beside it, and people's pseudonyms.
  expect(findIn({ documents }, ['people-1', 'com.example.change', 'A film'])).toHaveLength(3);
  expect(documents).toMatch(/person:[\w-]{22}/);
  expect(stderr).toContain('"route":"/cmcd"');
  const told = Object.fromEntries(graph.map(({ field, answer }) => [field, answer]));
  expect(told['runs']).toContain('people-1');
  expect(told['refusals']).toContain('EVENT_INVALID');
  expect(told['unclaimedEvents']).toContain('com.example.change');
  expect(['runs', 'jobs', 'datasets', 'teams', 'surveys', 'shows', 'refusals', 'unclaimedEvents'].filter((field) => told[field]?.includes('"errors"') !== false)).toEqual([]);
}, 280_000);
