import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../kit/store/open.ts';
import { type Collection, type Document, type Store } from '../kit/store/port.ts';
import { readAll } from '../kit/store/read-all.ts';
import { toScale } from '../kit/test-scale.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { unclaimedEvents } from '../subgraphs/intake/documents.ts';
import { events } from '../subgraphs/platform/collections.ts';
import { sessions } from '../subgraphs/viewing/documents.ts';
import { playerReports } from '../subgraphs/viewing/player-documents.ts';
import { drawRequest, type HostileRequest } from './hostile/bodies.ts';
import { judge } from './hostile/judgement.ts';
import { type Answer, createSender } from './hostile/sender.ts';
import { anonymousMemory } from './memory.ts';
import { askServer, createFolder, type Program, startProgram, startServer } from './program.ts';

/** Body n is drawn from this and n alone: `drawRequest(SEED, n)` is the body of a failure. */
const SEED = 5;
const BODIES = toScale(100_000);
const REPORT_BODIES = toScale(4_000);
const AT_ONCE = 16;
/** For machines that do other things beside, in milliseconds. */
const LONGEST = toScale(3_000_000);
/** Anonymous memory that the server may have, in bytes. */
const MOST_MEMORY = 400 * 1024 * 1024;
/** How often a body is sent again that is answered 503: too many others were in memory. */
const MOST_RETRIES = 100;

let folder: Awaited<ReturnType<typeof createFolder>>;
let store: string;
let program: Program;
let address: string;
let sender: ReturnType<typeof createSender>;
/** What was acknowledged as new, one event a body. */
const acknowledged: HostileRequest[] = [];
let accepted = 0;

beforeAll(async () => {
  folder = await createFolder();
  store = `lmdb:${folder.path}/store`;
  ({ program, address } = await startServer({ STORE: store }));
  sender = createSender(address, AT_ONCE);
});
afterAll(async () => {
  sender.close();
  await program.stop();
  await folder.remove();
});

const toFault = ({ number, receiver, path, headers, bytes }: HostileRequest, { status, text }: Answer, fault: string): string =>
  `The answer ${fault}: ${status} ${text.slice(0, 500)}\n  to seed ${SEED}, body ${number} for ${receiver.name}: ${path} ${JSON.stringify(headers)}, ${bytes.length} bytes ${JSON.stringify(bytes.subarray(0, 500).toString())}`;

/** Sends until it is not answered that too much is waiting. */
async function sendUntilTaken(request: HostileRequest): Promise<Answer> {
  for (let times = 0; ; times += 1) {
    const answer = await sender.send(request);
    if (answer.status !== 503 || times >= MOST_RETRIES) return answer;
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
  }
}

/** The numbers that a metric has, by what its labels say. */
async function measured(name: string): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${address}/metrics`)).text();
  return new Map(text.split('\n').filter((line) => line.startsWith(name)).map((line) => [line.slice(name.length, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

async function eventsOf(kind: string, ...outcomes: readonly string[]): Promise<number> {
  let sum = 0;
  for (const [labels, count] of await measured('loopgraph_events_total')) {
    if (labels.includes(`kind="${kind}"`) && outcomes.some((outcome) => labels.includes(`outcome="${outcome}"`))) sum += count;
  }
  return sum;
}

interface Refusals {
  readonly data: { readonly refusalTotals: readonly { readonly receiver: string; readonly refused: number }[]; readonly refusals: { readonly nodes: readonly { readonly message: string }[] } };
}
const refusals = async (): Promise<{ readonly refused: number; readonly newest: readonly string[] }> => {
  const { data } = (await askServer(address, '{ refusalTotals { receiver refused } refusals(receiver: CMCD, first: 10) { nodes { message } } }')) as Refusals;
  return { refused: data.refusalTotals.find(({ receiver }) => receiver === 'CMCD')?.refused ?? 0, newest: data.refusals.nodes.map(({ message }) => message) };
};

/** Lines that are not white space. */
const linesIn = (bytes: Buffer): number => bytes.toString('latin1').split('\n').filter((line) => [...line].some((character) => character > ' ')).length;

test('each line of a report body is taken or listed with its reason, and 204 is all that is answered', async () => {
  const isReports = ({ receiver }: HostileRequest): boolean => receiver.name === '/cmcd';
  const bodies: HostileRequest[] = [];
  for (let number = 0; bodies.length < REPORT_BODIES; number += 1) {
    const request = drawRequest(SEED + 1, number);
    if (isReports(request)) bodies.push(request);
  }
  const readable = bodies.flatMap((request) => (request.plain === null ? [] : [{ request, lines: linesIn(request.plain) }]));
  const queue = [...readable];
  const work = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const answer = await sendUntilTaken(next.request);
      const { fault } = judge(next.request, answer);
      if (fault !== null) throw new Error(toFault(next.request, answer, fault));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const { refused } = await refusals();
  const taken = await eventsOf('cmcd-report', 'accepted', 'repeated');
  expect(refused).toBeGreaterThan(REPORT_BODIES / 10);
  expect(taken + refused).toBe(readable.reduce((sum, { lines }) => sum + lines, 0));
  // Of what cannot be read to its end the body itself is listed, after whatever of its lines came whole.
  let before = refused;
  for (const request of bodies.filter(({ plain }) => plain === null)) {
    const answer = await sendUntilTaken(request);
    expect(judge(request, answer).fault).toBeNull();
    const after = await refusals();
    expect(after.refused).toBeGreaterThan(before);
    // Of the same moment as lines that came whole before it.
    expect(after.newest).toContainEqual(expect.stringMatching(/^(?:Expected a whole gzip stream; it stops being one at or before offset \d+|Expected the body as it is, or as gzip|The body is larger than \d+)/));
    before = after.refused;
  }
}, LONGEST);

test.skipIf(process.platform !== 'linux')('bodies of any content end in an answer that says what is wrong and where, and memory does not grow with them', async () => {
  const began = performance.now();
  const statuses = new Map<number, number>();
  const memory: number[] = [];
  const faults: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < BODIES && faults.length < 5) {
      const request = drawRequest(SEED, next++);
      if (request.number % 100 === 0) memory.push(anonymousMemory(program.pid));
      const answer = await sendUntilTaken(request);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const judgement = judge(request, answer);
      if (judgement.fault !== null) faults.push(toFault(request, answer, judgement.fault));
      accepted += judgement.accepted;
      if (answer.status === 201 && judgement.accepted === 1 && !request.receiver.name.startsWith('/surveys')) acknowledged.push(request);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const most = (part: readonly number[]): number => Math.round(Math.max(...part) / 2 ** 20);
  const half = Math.floor(memory.length / 2);
  process.stdout.write(`hostile bodies: ${BODIES} in ${Math.round((performance.now() - began) / 1_000)} s; ${[...statuses].toSorted().map(([status, count]) => `${status}: ${count}`).join(', ')}; memory at most ${most(memory.slice(0, half))} MB in the first half, ${most(memory.slice(half))} MB in the second\n`);
  expect(faults).toEqual([]);
  expect(Math.max(...memory)).toBeGreaterThan(0);
  expect(Math.max(...memory)).toBeLessThan(MOST_MEMORY);
}, LONGEST);

test('after them a valid event is taken, and what was acknowledged is still known', async () => {
  const event = { eventTime: '2024-11-17T10:00:00Z', eventType: 'COMPLETE', producer: 'https://example.com', schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent', run: { runId: '0192963f-c099-7dff-8d04-000000000001' }, job: { namespace: 'after', name: 'the flood' } };
  const response = await fetch(`${address}/api/v1/lineage`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) });
  expect(response.status).toBe(201);
  expect(await askServer(address, '{ job(namespace: "after", name: "the flood") { runs(first: 1) { nodes { runId state } } } }')).toMatchObject({ data: { job: { runs: { nodes: [{ runId: event.run.runId, state: 'COMPLETE' }] } } } });
  expect(acknowledged.length).toBeGreaterThan(BODIES / 50);
  for (const request of acknowledged.slice(0, 500)) expect(JSON.parse((await sendUntilTaken(request)).text)).toMatchObject({ status: 'repeated' });
}, LONGEST);

async function countDocuments<D extends Document>(opened: Store, collection: Collection<D>): Promise<number> {
  let count = 0;
  for await (const page of readAll(opened, collection)) count += page.length;
  return count;
}

test('the server has had no fault and ends in peace; the store holds what was acknowledged, and nothing that its events do not give', async () => {
  expect([...(await measured('loopgraph_internal_failures_total')).values()]).toEqual([0]);
  const taken = await Promise.all(['openlineage', 'unclaimed-event', 'playback-session', 'cmcd-report'].map((kind) => eventsOf(kind, 'accepted')));
  expect(taken.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(BODIES / 20);
  expect(accepted).toBeGreaterThan(BODIES / 20);
  // It had nothing to warn of either.
  expect(await program.stop()).toMatchObject({ code: 0, stderr: '' });
  const opened = await openStore(store, subgraphs.flatMap(({ collections }) => collections));
  try {
    const kept = [await countDocuments(opened, events), await countDocuments(opened, unclaimedEvents), await countDocuments(opened, sessions), await countDocuments(opened, playerReports)];
    expect(kept).toEqual(taken);
  } finally {
    await opened.close();
  }
  const rebuilt = await startProgram('gateway/rebuild', { STORE: store }, ['--scratch', folder.path]).ended;
  expect(rebuilt.stdout.split('\n').filter((line) => !/: \d+ documents, 0 different$/.test(line))).toEqual(expect.arrayContaining(['Nothing differs.']));
  expect(rebuilt).toMatchObject({ code: 0 });
}, LONGEST);
