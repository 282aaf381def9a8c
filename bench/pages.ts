import { mkdtempSync, rmSync, createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph';
import { execute, parse } from 'graphql';
import { swf } from '../importers/swf.ts';
import { importFile } from '../importers/runner.ts';
import { createPseudonym } from '../kit/ingest/pseudonym.ts';
import { EMPTY_RECEIPT } from '../kit/ingest/receipt.ts';
import { openStore } from '../kit/store/index.ts';
import { platform } from '../subgraphs/platform/index.ts';

/*
 * What a page of 100 runs from the middle of a workload log costs beside the first page: the median of interleaved rounds.
 *
 *   npm run bench -- pages FILE.swf.gz [mongodb://HOST/bench_pages]      The database must be empty or of an earlier round.
 */

const ROUNDS = 20;
const PAGE = 100;

const QUERY = parse(/* GraphQL */ `
  query Page($first: Int!, $after: String) {
    runs(first: $first, after: $after) { nodes { id state startedAt durationMs job { name } team { claimedName } } pageInfo { endCursor hasNextPage } }
  }
`);

interface Answer {
  readonly runs: { readonly nodes: readonly unknown[]; readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean } };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Prints the two medians and their ratio. */
export async function run([file, uri]: readonly string[]): Promise<void> {
  if (file === undefined) throw new Error('Which log? npm run bench -- pages FILE.swf.gz [mongodb://HOST/bench_pages]');
  const folder = mkdtempSync(join(tmpdir(), 'loopgraph-bench-'));
  const store = await openStore(uri ?? `lmdb:${folder}`, platform.collections);
  const surroundings = { store, pseudonym: createPseudonym('bench'), now: Date.now };
  const schema = buildSubgraphSchema([{ typeDefs: parse(platform.typeDefs), resolvers: platform.resolvers as GraphQLResolverMap<unknown> }]);
  const ask = async (first: number, after: string | null): Promise<Answer['runs']> => {
    const contextValue = { ...surroundings, loaders: platform.createLoaders(surroundings) };
    const { data, errors } = await execute({ schema, document: QUERY, variableValues: { first, after }, contextValue });
    if (errors !== undefined) throw errors[0] ?? new Error('no answer');
    return (data as unknown as Answer).runs;
  };
  try {
    const { rows } = await importFile(swf, createReadStream(file), {}, async (kind, events) => (await platform.receivers[kind]?.(surroundings, events)) ?? EMPTY_RECEIPT);
    let middle: string | null = null;
    for (let seen = 0; seen < rows / 2; seen += 1_000) middle = (await ask(1_000, middle)).pageInfo.endCursor;
    const times: { first: number[]; middle: number[] } = { first: [], middle: [] };
    for (let round = 0; round < ROUNDS + 2; round += 1) {
      for (const [place, after] of [['first', null], ['middle', middle]] as const) {
        const startedAt = performance.now();
        const { nodes } = await ask(PAGE, after);
        if (nodes.length !== PAGE) throw new Error(`expected ${PAGE} runs, got ${nodes.length}`);
        // The first two rounds warm up.
        if (round >= 2) times[place].push(performance.now() - startedAt);
      }
    }
    const [first, later] = [median(times.first), median(times.middle)];
    console.log(`a page of ${PAGE} of ${rows.toLocaleString('en')} runs: first ${first.toFixed(2)} ms, from the middle ${later.toFixed(2)} ms: ${(later / first).toFixed(2)} times (median of ${ROUNDS} interleaved rounds)`);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
