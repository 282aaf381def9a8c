import { createHash } from 'node:crypto';
import { getNamedType, parse, validate } from 'graphql';
import type { GraphQLArgument, GraphQLSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationOptions, RandomOperation } from '../gateway/execution/test-operations.ts';
import { isErrorCode } from '../kit/graph/errors.ts';
import { openStore } from '../kit/store/open.ts';
import { isLong, toScale } from '../kit/test-scale.ts';
import { createStudio, loadStudio, SIZES } from '../sample/index.ts';
import { drawMalformed, drawOperations } from './hostile/operations.ts';
import { type Answer, createSender } from './hostile/sender.ts';
import { anonymousMemory } from './memory.ts';
import { createFolder, startServer, type Program } from './program.ts';
import { allCollections, createRig } from './rig.ts';

const DISTINCT = toScale(10_000);
const MALFORMED = toScale(50_000);
const AT_ONCE = 16;
/** Anonymous memory that the server may have, in bytes. */
const MOST_MEMORY = 400 * 1024 * 1024;
/** What may lie on the heap at the end of a whole run beyond what did at its middle, in bytes. */
const MOST_GROWTH = 12 * 1024 * 1024;
const DRAWN_AT_ONCE = 200;

let folder: Awaited<ReturnType<typeof createFolder>>;
let program: Program;
let address: string;
let sender: ReturnType<typeof createSender>;
let schema: GraphQLSchema;
let ids: readonly string[];

beforeAll(async () => {
  folder = await createFolder();
  const location = `lmdb:${folder.path}/store`;
  const store = await openStore(location, allCollections);
  const rig = createRig(store);
  await loadStudio(createStudio({ ...SIZES.small, days: 2, sessionsPerDay: 50 }), rig.send);
  schema = rig.apiSchema;
  const { data } = await rig.ask('{ jobs(origin: ANY, first: 4) { nodes { id } } runs(origin: ANY, first: 4) { nodes { id } } teams(origin: ANY, first: 3) { nodes { id } } shows(origin: ANY, first: 3) { nodes { id } } }');
  ids = [...JSON.stringify(data).matchAll(/"id":"([^"]+)"/g)].map(([, id]) => id as string);
  await store.close();
  ({ program, address } = await startServer({ STORE: location }));
  sender = createSender(address, AT_ONCE);
}, 120_000);

afterAll(async () => {
  sender?.close();
  await program?.stop();
  await folder.remove();
});

const options: OperationOptions = {
  valuesOf: (argument: GraphQLArgument) => {
    if (getNamedType(argument.type).name === 'Window') return [{ from: '2026-01-05', to: '2026-01-07', granularity: 'DAY' }, { from: '2026-01-05', to: '2026-01-06' }];
    if (argument.name === 'origin') return ['ANY', 'SIMULATED'];
    if (argument.name === 'first') return [1, 2];
    return argument.name === 'id' ? ids : undefined;
  },
  isAlwaysGiven: ({ name }) => name === 'origin' || name === 'first',
};

/** Operations one after the other, made up a few at a time. */
function* operationsFrom(seed: number): Generator<RandomOperation> {
  for (let part = 0; ; part += 1) yield* drawOperations(schema, options, seed + part, DRAWN_AT_ONCE);
}

/** A number of a metric without labels. */
async function measured(name: string): Promise<number> {
  const text = await (await fetch(`${address}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

interface Growth {
  /** The most anonymous memory, in bytes. */
  readonly most: number;
  /** By how many bytes what lies on the heap grew from the run's middle to its end: the least that was seen in each fifth. */
  readonly grown: number;
  readonly text: string;
}

/** Sends requests, so many at once, and watches the server's memory. */
async function sendAll(count: number, next: () => { readonly send: () => Promise<Answer>; readonly judge: (answer: Answer) => void }): Promise<Growth> {
  const began = performance.now();
  const anonymous: number[] = [];
  const heap: number[] = [];
  let sent = 0;
  const work = async (): Promise<void> => {
    while (sent < count) {
      sent += 1;
      if (sent % 50 === 0) {
        anonymous.push(anonymousMemory(program.pid));
        heap.push(await measured('nodejs_heap_size_used_bytes'));
      }
      const { send, judge } = next();
      judge(await send());
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const fifths = (values: readonly number[], of: (...part: number[]) => number): number[] =>
    Array.from({ length: 5 }, (_, at) => of(...values.slice(Math.floor((at * values.length) / 5), Math.floor(((at + 1) * values.length) / 5))));
  const least = fifths(heap, Math.min);
  const mb = (values: readonly number[]): string => values.map((value) => Math.round(value / 2 ** 20)).join(', ');
  return {
    most: Math.max(...anonymous),
    grown: (least[4] as number) - (least[2] as number),
    text: `${count} in ${Math.round((performance.now() - began) / 1_000)} s; by fifths, in MB: most anonymous ${mb(fifths(anonymous, Math.max))}, least heap ${mb(least)}`,
  };
}

/** The codes of an answer's errors, in GraphQL's form or that of a refusal before it. */
function codesOf({ text }: Answer): (string | undefined)[] {
  const { errors = [], error } = JSON.parse(text) as { errors?: { extensions?: { code?: string } }[]; error?: { code?: string } };
  return [...errors.map(({ extensions }) => extensions?.code), ...(error === undefined ? [] : [error.code])];
}

/** What is wrong with an answer: a fault of the server itself, or an error without a code that this project declares; null where nothing is. */
function faultOf(answer: Answer, asked: string): string | null {
  // The page that one who accepts text/html is shown.
  const isPage = String(answer.headers['content-type']).startsWith('text/html');
  const codes = isPage ? [] : codesOf(answer);
  const isPlain = codes.every((code) => code !== undefined && isErrorCode(code) && code !== 'INTERNAL');
  if (answer.status < 500 && isPlain && (answer.status < 400 || codes.length > 0)) return null;
  return `${answer.status} ${answer.text.slice(0, 500)} to ${asked.slice(0, 2_000)}`;
}

describe.skipIf(process.platform !== 'linux')('a server of the whole graph', () => {
  it(`answers ${DISTINCT} operations of which no two are alike, and memory does not grow with them`, async () => {
    const seen = new Set<string>();
    const operations = operationsFrom(1_000);
    const next = (): RandomOperation => {
      for (;;) {
        const { value: operation } = operations.next() as { value: RandomOperation };
        const digest = createHash('md5').update(operation.query).digest('base64');
        if (seen.has(digest) || validate(schema, parse(operation.query)).length > 0) continue;
        seen.add(digest);
        return operation;
      }
    };
    let answered = 0;
    const { most, grown, text } = await sendAll(DISTINCT, () => {
      const operation = next();
      const bytes = Buffer.from(JSON.stringify(operation));
      return {
        send: () => sender.send({ path: '/graphql', headers: { 'content-type': 'application/json' }, bytes }),
        judge: (answer) => {
          // What is made up may ask for too much, or for what an argument cannot be.
          expect(faultOf(answer, JSON.stringify(operation))).toBeNull();
          if (answer.status === 200) answered += 1;
        },
      };
    });
    process.stdout.write(`distinct operations: ${text}\n`);
    expect(seen.size).toBe(DISTINCT);
    expect(answered).toBeGreaterThan(DISTINCT / 2);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(MOST_MEMORY);
    // A tenth only fills what is kept of operations.
    expect(isLong ? grown : 0).toBeLessThan(MOST_GROWTH);
  }, toScale(3_000_000));

  it(`answers ${MALFORMED} malformed requests with what is wrong: no fault of its own, no end, no growth`, async () => {
    const operations = operationsFrom(2_000);
    let number = 0;
    const statuses = new Map<number, number>();
    const { most, grown, text } = await sendAll(MALFORMED, () => {
      const request = drawMalformed(6, number++, (operations.next() as { value: RandomOperation }).value);
      return {
        send: () => sender.send(request),
        judge: (answer) => {
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          expect(faultOf(answer, `${request.method} ${request.path} ${JSON.stringify(request.headers)} ${request.bytes.toString()}`)).toBeNull();
        },
      };
    });
    process.stdout.write(`malformed requests: ${text}; ${[...statuses].toSorted().map(([status, count]) => `${status}: ${count}`).join(', ')}\n`);
    expect(statuses.get(400) ?? 0).toBeGreaterThan(MALFORMED / 2);
    expect(most).toBeLessThan(MOST_MEMORY);
    expect(isLong ? grown : 0).toBeLessThan(MOST_GROWTH);
  }, toScale(3_000_000));

  it('has had no fault and nothing to warn of, and ends in peace', async () => {
    expect(await measured('loopgraph_internal_failures_total')).toBe(0);
    expect(await program.stop()).toMatchObject({ code: 0, stderr: '' });
  });
});
