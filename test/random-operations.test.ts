import fc from 'fast-check';
import { getNamedType, parse, validate } from 'graphql';
import type { ExecutionResult, GraphQLArgument } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOperations } from '../gateway/execution/test-operations.ts';
import { errorPaths } from '../gateway/execution/test-rig.ts';
import { createStores } from '../kit/store/test-stores.ts';
import { toScale } from '../kit/test-scale.ts';
import { SIZES, createStudio, loadStudio } from '../sample/index.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { createMonolith } from './monolith.ts';
import { allCollections, createRig } from './rig.ts';
import type { Rig } from './rig.ts';

/** Values of types that a text made up is not of. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  Window: [
    { from: '2026-01-05', to: '2026-01-09', granularity: 'DAY' },
    { from: '2026-01-05', to: '2026-01-07', granularity: 'WHOLE', timeZone: 'Asia/Kolkata' },
    { from: '2026-01-06', to: '2026-01-08' },
  ],
  DateTime: ['2026-01-06T12:00:00Z', '2026-01-09T00:00:00+02:00'],
  Date: ['2026-01-06'],
  WindowEdge: ['2026-01-06'],
  TimeZone: ['UTC', 'America/New_York'],
  RunFilter: [{}, { state: 'FAIL' }, { startedFrom: '2026-01-06T00:00:00Z' }, null],
};

/** Ids of entities of each kind, and of none. */
async function collectIds(rig: Rig): Promise<string[]> {
  const { data } = await rig.ask('{ jobs(origin: ANY, first: 4) { nodes { id } } runs(origin: ANY, first: 4) { nodes { id } } datasets(origin: ANY, first: 4) { nodes { id } } teams(origin: ANY, first: 3) { nodes { id } } surveys(origin: ANY, first: 2) { nodes { id } } shows(origin: ANY, first: 3) { nodes { id } } }');
  return [...JSON.stringify(data).matchAll(/"id":"([^"]+)"/g)].map(([, id]) => id as string);
}

describe('random operations over the composed schema', () => {
  const stores = createStores('LMDB', null);
  let rig: Rig;
  let monolith: ReturnType<typeof createMonolith>;
  let ids: string[];

  beforeAll(async () => {
    const store = await stores.open(allCollections);
    rig = createRig(store);
    await loadStudio(createStudio({ ...SIZES.small, days: 3 }), rig.send);
    monolith = createMonolith(rig.supergraphSdl, rig.apiSchema, subgraphs, rig.surroundings);
    ids = await collectIds(rig);
  }, 60_000);

  const valuesOf = (argument: GraphQLArgument): readonly unknown[] | undefined => {
    const known = VALUES[getNamedType(argument.type).name];
    if (known) return known;
    if (argument.name === 'origin') return ['ANY', 'SIMULATED'];
    if (argument.name === 'first') return [1, 2];
    if (argument.name === 'id') return [...ids, `Job:${'a'.repeat(22)}`];
    return undefined;
  };

  it('are answered as one schema answers them: data, order, places of errors', async () => {
    const operations = createOperations(rig.apiSchema, { valuesOf, isAlwaysGiven: ({ name }) => name === 'origin' || name === 'first' });
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(operations, async ({ query, variables }) => {
        fc.pre(validate(rig.apiSchema, parse(query)).length === 0);
        const ours = await rig.ask(query, variables);
        const theirs = await monolith(query, variables);
        const shape = (answer: ExecutionResult): string => JSON.stringify({ query, variables, data: answer.data, errors: errorPaths(answer) }, null, 1);
        expect(shape(ours)).toBe(shape(theirs));
        if (JSON.stringify(ours.data ?? null).length > 40) answered += 1;
      }),
      { numRuns: toScale(3_000), seed: 11, maxSkipsPerRun: 100 },
    );
    expect(answered).toBeGreaterThan(toScale(3_000) / 4);
  }, 600_000);
});
