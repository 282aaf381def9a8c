import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ask, startTest } from '../gateway/test-gateway.ts';
import { importers } from '../importers/index.ts';
import { createStores, describeOnEachStore, findTestMongodb } from '../kit/store/test-stores.ts';
import { toScale } from '../kit/test-scale.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { buildPrograms, startServer } from './program.ts';
import { readUnits, REFUSED } from './receivers-events.ts';
import type { Unit } from './receivers-events.ts';
import { QUESTION, RECEIVED } from './receivers-question.ts';

const KEY = 'a key of thirty-two characters or more';
const SENDERS = 8;
const SURVEY_PATH = '/surveys/o:n:2024/responses';

/** How events of one request go: together where their receiver takes several, or each by itself. */
type Mode = 'batch' | 'structured' | 'binary';

interface Part {
  readonly mode: Mode;
  readonly size: number;
}

interface Request {
  readonly path: string;
  readonly type: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const toLine = (unit: Unit): string => ('line' in unit ? unit.line : '');
const eventOf = (unit: Unit): Readonly<Record<string, unknown>> => ('event' in unit ? unit.event : {});

/** The requests that carry units of one receiver. */
function toRequests(units: readonly Unit[], mode: Mode): Request[] {
  const [first] = units;
  switch (first?.receiver) {
    case undefined:
      return [];
    case 'cmcd':
      return [{ path: '/cmcd?source=players', type: 'application/cmcd', body: units.map(toLine).join('\n') }];
    case 'answer':
      return units.map((unit) => ({ path: SURVEY_PATH, type: 'application/json', body: eventOf(unit) }));
    case 'file':
      return units.flatMap((unit) => (unit.receiver === 'file' ? { path: unit.path, type: unit.type, body: unit.body } : []));
    case 'lineage':
      if (mode === 'batch') return [{ path: '/api/v1/lineage/batch', type: 'application/json', body: units.map(eventOf) }];
      return units.map((unit) => ({ path: '/api/v1/lineage', type: 'application/json', body: eventOf(unit) }));
    case 'events':
      if (mode === 'batch') return [{ path: '/events', type: 'application/cloudevents-batch+json', body: units.map(eventOf) }];
      return units.map((unit) => {
        if (mode === 'structured') return { path: '/events', type: 'application/cloudevents+json', body: eventOf(unit) };
        const { data, ...attributes } = eventOf(unit);
        return { path: '/events', type: 'application/json', body: data, headers: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, encodeURIComponent(String(value))])) };
      });
  }
}

/** Sends until it is taken: 503 says that the store could not take it now, and to come again. */
async function send(address: string, { path, type, body, headers = {} }: Request): Promise<void> {
  for (;;) {
    const answer = await ask(`${address}${path}`, body, { 'content-type': type, ...headers });
    if (answer.status === 503) continue;
    expect([path, answer.status, answer.body]).toEqual([path, expect.toBeOneOf([200, 201, 204, 400]), expect.anything()]);
    return;
  }
}

/** One sender's units, in requests of neighbours of one receiver. */
async function sendAll(address: string, units: readonly Unit[], parts: readonly Part[]): Promise<void> {
  for (let at = 0, turn = 0; at < units.length; turn++) {
    const { mode, size } = parts[turn % parts.length] as Part;
    let end = at + 1;
    while (end < units.length && end - at < size && units[end]?.receiver === units[at]?.receiver) end += 1;
    for (const request of toRequests(units.slice(at, end), mode)) await send(address, request);
    at = end;
  }
}

/** All that a server answers, as text; what is listed by receipt in the order of ids. */
async function read(address: string): Promise<string> {
  const answers = await Promise.all([QUESTION, RECEIVED].map(async (query) => (await ask(`${address}/graphql`, { query })).body as { readonly errors?: unknown; readonly data: Record<string, { readonly nodes: readonly { readonly id: string }[] }> }));
  for (const { errors } of answers) expect(errors).toBeUndefined();
  const received = Object.values(answers[1]?.data ?? {}).map(({ nodes }) => nodes.map((node) => JSON.stringify(node)).sort());
  return JSON.stringify([answers[0]?.data, received], null, 1);
}

let units: readonly Unit[];
/** What a server answers that was sent everything once, in order, by one sender in batches. */
let expected: string;

const environment = { PSEUDONYM_KEY: KEY, OPERATION_TIMEOUT: '120' };
const startOne = async (location: string) => startTest({ STORE: location, PSEUDONYM_KEY: KEY }, { subgraphs, importers });

beforeAll(async () => {
  units = await readUnits();
});

const arrangement = fc.infiniteStream(fc.nat({ max: 2 ** 30 }));

/** Every unit, a third of them again, and once what is refused, in any order. */
function shuffle(random: Iterator<number>): Unit[] {
  const draw = (): number => random.next().value as number;
  const again = units.filter(() => draw() % 3 === 0);
  return [...units, ...again, ...REFUSED].map((unit) => [draw(), unit] as const).sort(([one], [other]) => one - other).map(([, unit]) => unit);
}

/** Sends a shuffled whole by senders at once, each to one of the servers, and asks each server. */
async function readShuffled(addresses: readonly string[], random: Iterator<number>): Promise<string[]> {
  const draw = (): number => random.next().value as number;
  const sent = shuffle(random);
  // Neighbours of one receiver make a batch, so a sender's units stand together by receiver in stretches.
  const dealt = Array.from({ length: SENDERS }, (_, sender) => sent.filter((__, place) => place % SENDERS === sender));
  await Promise.all(
    dealt.map((own, sender) => {
      const parts = Array.from({ length: 5 }, (): Part => ({ mode: (['batch', 'structured', 'binary'] as const)[draw() % 3] as Mode, size: 1 + (draw() % 9) }));
      const order = own.length > 0 && draw() % 2 === 0 ? own.toSorted((one, other) => (one.receiver < other.receiver ? -1 : one.receiver > other.receiver ? 1 : 0)) : own;
      return sendAll(addresses[sender % addresses.length] as string, order, parts);
    }),
  );
  return Promise.all(addresses.map(read));
}

await describeOnEachStore('what all receivers take', ({ newLocation, name }) => {
  it('gives the same answers in any order, with repeats, in any parts, by eight senders at once', async () => {
    const readOnce = async (): Promise<string> => {
      const running = await startOne(newLocation());
      await sendAll(running.address, [...units, ...REFUSED], [{ mode: 'batch', size: 1_000 }]);
      const answer = await read(running.address);
      await running.close();
      return answer;
    };
    if (name === 'LMDB') expected = await readOnce();
    // What it asks of is there: a team from above, an incident, a show's hours, a refusal, an answer to a survey.
    for (const each of ['"basis": "PARENT"', '"fault": "ROW_LOSS"', '"hoursViewed": 8', '"field": "eventTime"', '"responses": 19']) expect(expected.replaceAll('\\"', '"').replaceAll('":"', '": "')).toContain(each);
    await fc.assert(
      fc.asyncProperty(arrangement, async (random) => {
        const running = await startOne(newLocation());
        const answers = await readShuffled([running.address], random[Symbol.iterator]());
        expect(running.failures.count()).toBe(0);
        await running.close();
        expect(answers).toEqual([expected]);
      }),
      { numRuns: toScale(name === 'LMDB' ? 20 : 10), seed: 5, endOnFailure: true },
    );
  }, 900_000);
});

const { uri, reason } = await findTestMongodb();

describe.skipIf(uri === null)(`what all receivers take, by two processes on one database${reason === null ? '' : ` (${reason})`}`, () => {
  const { newLocation } = createStores('MongoDB', uri);

  it('gives the same answers from both', async () => {
    await buildPrograms();
    await fc.assert(
      fc.asyncProperty(arrangement, async (random) => {
        const STORE = newLocation();
        const servers = await Promise.all([1, 2].map(() => startServer({ ...environment, STORE })));
        const answers = await readShuffled(servers.map(({ address }) => address), random[Symbol.iterator]());
        expect((await Promise.all(servers.map(({ program }) => program.stop()))).map(({ code, stderr }) => [code, stderr])).toEqual([[0, ''], [0, '']]);
        expect(answers).toEqual([expected, expected]);
      }),
      { numRuns: toScale(10), seed: 6, endOnFailure: true },
    );
  }, 900_000);
});
