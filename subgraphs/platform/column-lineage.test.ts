import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeOnEachStore } from '../../kit/store/test-stores.ts';
import { collections, createDesk, toRunEvent } from './fixtures.ts';

const at = (minute: number): string => new Date(Date.parse('2024-03-01T00:00:00Z') + minute * 60_000).toISOString();

/** What a job of a made-up platform says: it makes a table's columns, or all of its rows, from columns of others. */
interface Told {
  readonly minute: number;
  readonly job: number;
  readonly table: number;
  readonly columns: readonly { readonly column: string; readonly from: readonly (readonly [table: number, column: string])[] }[];
  readonly rows: readonly (readonly [table: number, column: string])[];
  readonly reads: number;
}

const source = fc.tuple(fc.integer({ min: 0, max: 4 }), fc.constantFrom('a', 'b', 'c'));
const told: fc.Arbitrary<Told> = fc.record({
  minute: fc.integer({ min: 0, max: 9 }),
  job: fc.integer({ min: 0, max: 3 }),
  table: fc.integer({ min: 0, max: 4 }),
  columns: fc.uniqueArray(fc.record({ column: fc.constantFrom('a', 'b', 'c'), from: fc.array(source, { maxLength: 3 }) }), { selector: ({ column }) => column, maxLength: 3 }),
  rows: fc.array(source, { maxLength: 1 }),
  reads: fc.integer({ min: 0, max: 4 }),
});

const toSource = ([table, field]: readonly [number, string]): object => ({ namespace: 'tests', name: `t${table}`, field, transformations: [{ type: 'DIRECT', subtype: 'IDENTITY' }] });
const toEvent = ({ minute, job, table, columns, rows, reads }: Told, place: number): unknown =>
  toRunEvent({
    run: `run ${place}`, job: `j${job}`, at: at(minute + place / 100), type: 'COMPLETE',
    inputs: [{ namespace: 'tests', name: `t${reads}` }],
    outputs: [{ namespace: 'tests', name: `t${table}`, facets: { columnLineage: { fields: Object.fromEntries(columns.map(({ column, from }) => [column, { inputFields: from.map(toSource) }])), dataset: rows.map(toSource) } } }],
  });

interface Edge {
  readonly job: string;
  readonly from: string;
  readonly to: string;
}

/** What jobs said last of each table, as a plain list of edges; `*` is all rows of a table. */
function edgesOf(all: readonly Told[]): Edge[] {
  const last = new Map<string, { told: Told; time: number }>();
  all.forEach((each, place) => {
    const key = `${each.job} ${each.table}`;
    const time = each.minute + place / 100;
    if (time >= (last.get(key)?.time ?? -1)) last.set(key, { told: each, time });
  });
  return [...last.values()].flatMap(({ told: { job, table, columns, rows } }) => [
    ...columns.flatMap((made) => made.from.map(([from, field]) => ({ job: `j${job}`, from: `t${from}.${field}`, to: `t${table}.${made.column}` }))),
    ...rows.map(([from, field]) => ({ job: `j${job}`, from: `t${from}.${field}`, to: `t${table}.*` })),
  ]);
}

/** The same walk over that list, without a store. */
function reach(edges: readonly Edge[], start: string, way: 'down' | 'up'): { columns: string[]; whole: string[]; jobs: string[] } {
  const seen = new Set([start]);
  const jobs = new Set<string>();
  for (const node of seen) {
    const whole = `${node.split('.')[0]}.*`;
    const leads = ({ from, to }: Edge): boolean => (way === 'down' ? from === node || (node === whole && from.startsWith(node.slice(0, -1))) : to === node || to === whole);
    for (const edge of edges.filter(leads)) {
      jobs.add(edge.job);
      seen.add(way === 'down' ? edge.to : edge.from);
    }
  }
  seen.delete(start);
  const names = [...seen].toSorted();
  return { columns: names.filter((name) => !name.endsWith('*')), whole: names.filter((name) => name.endsWith('*')), jobs: [...jobs].toSorted() };
}

interface Reached {
  readonly columns: readonly { readonly column: string; readonly dataset: { readonly name: string } }[];
  readonly wholeDatasets: readonly { readonly name: string }[];
  readonly datasets: readonly { readonly name: string }[];
  readonly jobs: readonly { readonly name: string }[];
  readonly truncated: boolean;
}

const shown = ({ columns, wholeDatasets, jobs }: Reached): object => ({
  columns: columns.map(({ column, dataset }) => `${dataset.name}.${column}`).toSorted(),
  whole: wholeDatasets.map(({ name }) => `${name}.*`).toSorted(),
  jobs: jobs.map(({ name }) => name).toSorted(),
});

await describeOnEachStore('column lineage', ({ name, open }) => {
  it('reaches down and up what a plain walk over the events reaches', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(told, { minLength: 1, maxLength: 8 }), async (all) => {
        const store = await open(collections);
        const desk = createDesk(store);
        await desk.send('openlineage', all.map(toEvent));
        const reached = '{ columns { column dataset { name } } wholeDatasets { name } datasets { name } jobs { name } truncated }';
        const tables = [0, 1, 2, 3, 4].map((table) => `t${table}: dataset(namespace: "tests", name: "t${table}") { ${['a', 'b', 'c'].map((column) => `${column}: column(name: "${column}") { downstream(depth: 100) ${reached} upstream(depth: 100) ${reached} }`).join(' ')} }`);
        const answer = await desk.ask<Record<string, Record<string, { downstream: Reached; upstream: Reached } | null> | null>>(`{ ${tables.join(' ')} }`);
        const edges = edgesOf(all);
        const named = new Set(edges.flatMap(({ from, to }) => [from, to]).filter((node) => !node.endsWith('*')));
        const found = Object.entries(answer).flatMap(([table, columns]) => Object.entries(columns ?? {}).flatMap(([column, each]) => (each === null ? [] : [{ ...each, start: `${table}.${column}` }])));
        expect(found.map(({ start }) => start).toSorted()).toEqual([...named].toSorted());
        for (const { start, downstream, upstream } of found) {
          const down = reach(edges, start, 'down');
          expect([shown(downstream), downstream.truncated]).toEqual([down, false]);
          expect([shown(upstream), upstream.truncated]).toEqual([reach(edges, start, 'up'), false]);
          expect(downstream.datasets.map((each) => each.name).toSorted()).toEqual([...new Set([...down.columns, ...down.whole].map((each) => each.split('.')[0]))].toSorted());
        }
        await store.close();
      }),
      { numRuns: name === 'LMDB' ? 30 : 2 },
    );
  });

  it('takes as many store commands for 2 columns a table as for 200, and says which jobs nobody can trace', async () => {
    const commands: number[] = [];
    for (const width of [2, 200]) {
      const store = await open(collections);
      const desk = createDesk(store);
      const columns = Array.from({ length: width }, (_, place) => ({ column: `c${place}`, from: [[0, `c${place}`]] as const }));
      const step = (table: number): unknown => toEvent({ minute: table, job: table, table, columns: columns.map(({ column }) => ({ column, from: [[table - 1, column]] })), rows: table === 2 ? [[1, 'c0']] : [], reads: table - 1 }, table);
      await desk.send('openlineage', [step(1), step(2), step(3), toRunEvent({ run: 'blind', job: 'blind', at: at(50), type: 'COMPLETE', inputs: [{ namespace: 'tests', name: 't1' }], outputs: [{ namespace: 'tests', name: 'dark' }] })]);
      const before = store.commands();
      const { table } = await desk.ask<{ table: { column: { downstream: Reached & { untracedJobs: unknown } } } }>(`{
        table: dataset(namespace: "tests", name: "t0") { column(name: "c0") { downstream { columns { column dataset { name } } wholeDatasets { name } datasets { name } jobs { name } untracedJobs { name } truncated } } }
        all: datasets { nodes { rowInputs { column transformations { type subtype } } columns { name } } } }`);
      commands.push(store.commands() - before);
      // All rows of the second table hang on the column, so every column of the third does.
      expect(table.column.downstream.columns.length).toBe(width + 2);
      expect(table.column.downstream.wholeDatasets).toEqual([{ name: 't2' }]);
      expect(table.column.downstream.untracedJobs).toEqual([{ name: 'blind' }]);
    }
    expect(commands[1]).toBe(commands[0]);
  });
});
