import { expect, it } from 'vitest';
import { describeOnEachStore } from '../../kit/store/test-stores.ts';
import { collections, createDesk, type Desk, toRunEvent } from './fixtures.ts';
import { runIdOf } from './ingest.ts';

const at = (minute: number): string => new Date(Date.parse('2024-03-01T00:00:00Z') + minute * 60_000).toISOString();
const dataset = (name: string, more: object = {}): object => ({ namespace: 'tests', name, ...more });
const GONE = { _deleted: true };

/** Each rotation of a few things, forwards and backwards; of three things every order. */
function ordersOf<T>(things: readonly T[]): T[][] {
  const rotate = (list: readonly T[]): T[][] => list.map((_, place) => [...list.slice(place), ...list.slice(0, place)]);
  return [...rotate(things), ...rotate(things.toReversed())];
}

await describeOnEachStore('facets of OpenLineage', ({ name, open }) => {
  async function answersOf<T>(events: readonly unknown[], query: string, variables: Record<string, unknown> = {}): Promise<T[]> {
    const answers: T[] = [];
    // A store of MongoDB takes long to make.
    for (const order of name === 'LMDB' ? ordersOf(events) : [events.toReversed()]) {
      const store = await open(collections);
      const desk: Desk = createDesk(store);
      for (const event of order) expect(await desk.send('openlineage', [event])).toMatchObject({ accepted: 1 });
      answers.push(await desk.ask<T>(query, variables));
      await store.close();
    }
    return answers;
  }

  it('are gone where a later event deletes them, in any order of arrival', async () => {
    const made = (minute: number, facets: object, jobFacets: Record<string, unknown>, runFacets: Record<string, unknown>): unknown =>
      toRunEvent({ run: 'r', at: at(minute), type: 'RUNNING', jobFacets, runFacets, outputs: [dataset('d', { facets })] });
    const lineage = { fields: { a: { inputFields: [{ namespace: 'tests', name: 'raw', field: 'x' }] } } };
    const events = [
      made(1, { schema: { fields: [{ name: 'a' }] }, documentation: { description: 'words' }, columnLineage: lineage }, { documentation: { description: 'of a job' }, ownership: { owners: [{ name: 'team:data' }] } }, { tags: { tags: [{ key: 'team', value: 'data' }] }, 'spark.free': { x: 1 } }),
      { eventTime: at(2), dataset: dataset('d', { facets: { schema: GONE, documentation: GONE, columnLineage: GONE } }) },
      made(3, {}, { documentation: GONE, ownership: GONE }, { tags: GONE, 'spark.free': GONE }),
    ];
    const answers = await answersOf(events, `query ($id: ID!) {
      dataset(namespace: "tests", name: "d") { description columns { name } column(name: "a") { inputs { column } } schemaVersions { nodes { columns { name } } } }
      job(namespace: "tests", name: "job") { description }
      run(id: $id) { facets team { claimedName } }
    }`, { id: runIdOf('r') });
    for (const answer of answers) {
      expect(answer).toEqual({
        dataset: { description: null, columns: [], column: null, schemaVersions: { nodes: [{ columns: [{ name: 'a' }] }] } },
        job: { description: null },
        run: { facets: {}, team: { claimedName: null } },
      });
    }
  });

  it('come back where an event after the deletion names them anew', async () => {
    const lineage = (field: string): object => ({ columnLineage: { fields: { a: { inputFields: [{ namespace: 'tests', name: 'raw', field }] } } } });
    const events = [
      { eventTime: at(1), dataset: dataset('d', { facets: lineage('old') }) },
      { eventTime: at(2), dataset: dataset('d', { facets: { columnLineage: GONE } }) },
      toRunEvent({ run: 'r', at: at(3), type: 'COMPLETE', outputs: [dataset('d', { facets: lineage('new') })] }),
    ];
    for (const answer of await answersOf(events, '{ dataset(namespace: "tests", name: "d") { column(name: "a") { inputs { column job { name } } upstream { columns { column } } } } old: dataset(namespace: "tests", name: "raw") { column(name: "old") { name } } }')) {
      expect(answer).toEqual({ dataset: { column: { inputs: [{ column: 'new', job: { name: 'job' } }], upstream: { columns: [{ column: 'new' }] } } }, old: { column: null } });
    }
  });

  it('that count rows are the last word and never a sum', async () => {
    const told = (minute: number, type: string, read: number | null, wrote: number | null): unknown =>
      toRunEvent({
        run: 'r', at: at(minute), type,
        inputs: [dataset('in', read === null ? {} : { inputFacets: { inputStatistics: { rowCount: read, size: read * 10, fileCount: 2 } } })],
        outputs: [dataset('out', wrote === null ? {} : { outputFacets: { outputStatistics: { rowCount: wrote, size: wrote * 10, fileCount: 3 } } })],
      });
    const events = [told(1, 'START', 5, null), told(2, 'RUNNING', 7, 3), told(3, 'COMPLETE', 7, 4), told(4, 'OTHER', null, null)];
    const answers = await answersOf(events, 'query ($id: ID!) { run(id: $id) { reads { dataset { name } rows bytes files metrics { rows } assertions { success } } outputs { rows bytes files } } }', { id: runIdOf('r') });
    for (const answer of answers) {
      expect(answer).toEqual({ run: { reads: [{ dataset: { name: 'in' }, rows: 7, bytes: 70, files: 2, metrics: null, assertions: [] }], outputs: [{ rows: 4, bytes: 40, files: 3 }] } });
    }
  });

  it('of quality are served where they were found, and the newest of each test by dataset', async () => {
    const tested = (run: string, minute: number, success: boolean, more: object = {}): unknown =>
      toRunEvent({
        run, at: at(minute), type: 'COMPLETE',
        inputs: [dataset('d', { inputFacets: { dataQualityAssertions: { assertions: [{ assertion: 'not_null', success, column: 'a', severity: 'error', actual: 3 }, { assertion: 'row_count', success: true }, { assertion: 'broken' }] }, ...more } })],
      });
    const metrics = { rowCount: 9, bytes: 90, lastUpdated: at(0), columnMetrics: { a: { nullCount: 1, distinctCount: 4, count: 8, sum: 1.5, min: -1, max: 2, quantiles: { 1: 2, '0.5': 1, nonsense: 4 } }, b: 'none' } };
    const events = [tested('r', 1, true, { dataQualityMetrics: metrics }), tested('s', 2, false), tested('q', 0, false)];
    const answers = await answersOf(events, `query ($r: ID!, $s: ID!) {
      r: run(id: $r) { reads { assertions { assertion success column } metrics { rows bytes files lastUpdatedAt columns { column nulls distinct values sum min max quantiles { quantile value } } } } }
      s: run(id: $s) { reads { assertions { assertion success actual severity name } metrics { rows } } }
      dataset(namespace: "tests", name: "d") { assertions { assertion success checkedAt run { runId } } }
    }`, { r: runIdOf('r'), s: runIdOf('s') });
    for (const { r, s, dataset: found } of answers as { r: unknown; s: unknown; dataset: { assertions: { assertion: string }[] } }[]) {
      expect(r).toEqual({ reads: [{
        assertions: [{ assertion: 'not_null', success: true, column: 'a' }, { assertion: 'row_count', success: true, column: null }],
        metrics: { rows: 9, bytes: 90, files: null, lastUpdatedAt: at(0), columns: [{ column: 'a', nulls: 1, distinct: 4, values: 8, sum: 1.5, min: -1, max: 2, quantiles: [{ quantile: 0.5, value: 1 }, { quantile: 1, value: 2 }] }] },
      }] });
      expect(s).toEqual({ reads: [{ assertions: [{ assertion: 'not_null', success: false, actual: '3', severity: 'error', name: null }, { assertion: 'row_count', success: true, actual: null, severity: null, name: null }], metrics: null }] });
      const newest = { checkedAt: at(2), run: { runId: 's' } };
      expect(found.assertions.toSorted((one, other) => (one.assertion < other.assertion ? -1 : 1))).toEqual([{ assertion: 'not_null', success: false, ...newest }, { assertion: 'row_count', success: true, ...newest }]);
    }
  });

  it('of schemas are versions, each with how it differs from the one before, a page at a time', async () => {
    const named = (minute: number, ...fields: string[]): unknown => ({
      eventTime: at(minute),
      dataset: dataset('d', { facets: { schema: { fields: fields.map((field) => ({ name: field.split(' ')[0], type: field.split(' ')[1] })) } } }),
    });
    const events = [named(1, 'a INT', 'b TEXT'), named(2, 'a INT', 'c TEXT'), named(3, 'c TEXT', 'a BIGINT', 'd DATE'), named(4, 'a INT', 'b TEXT')];
    const query = `query ($after: String) { dataset(namespace: "tests", name: "d") { columns { name } schemaVersions(first: 2, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } nodes { firstSeenAt lastSeenAt columns { name type } change { added removed renamed { before after } retyped { name before after } reordered } } } } }`;
    interface Page { dataset: { columns: unknown; schemaVersions: { totalCount: number; pageInfo: { hasNextPage: boolean; endCursor: string }; nodes: unknown[] } } }
    const same = { added: [], removed: [], renamed: [], retyped: [], reordered: [] };
    for (const { dataset: found } of await answersOf<Page>(events, query)) {
      expect(found.columns).toEqual([{ name: 'a' }, { name: 'b' }]);
      expect([found.schemaVersions.totalCount, found.schemaVersions.pageInfo.hasNextPage]).toEqual([3, true]);
      expect(found.schemaVersions.nodes).toEqual([
        { firstSeenAt: at(3), lastSeenAt: at(3), columns: [{ name: 'c', type: 'TEXT' }, { name: 'a', type: 'BIGINT' }, { name: 'd', type: 'DATE' }], change: { ...same, added: ['d'], retyped: [{ name: 'a', before: 'INT', after: 'BIGINT' }], reordered: expect.any(Array) as unknown } },
        { firstSeenAt: at(2), lastSeenAt: at(2), columns: [{ name: 'a', type: 'INT' }, { name: 'c', type: 'TEXT' }], change: { ...same, renamed: [{ before: 'b', after: 'c' }] } },
      ]);
    }
    const desk = createDesk(await open(collections));
    await desk.send('openlineage', events);
    const first = await desk.ask<Page>(query);
    const second = await desk.ask<Page>(query, { after: first.dataset.schemaVersions.pageInfo.endCursor });
    expect(second.dataset.schemaVersions.nodes).toEqual([{ firstSeenAt: at(1), lastSeenAt: at(4), columns: [{ name: 'a', type: 'INT' }, { name: 'b', type: 'TEXT' }], change: null }]);
  });

  it('of source code are versions of the job, with when each was first and last named', async () => {
    const run = (minute: number, facets: Record<string, unknown>): unknown => toRunEvent({ run: `r${minute}`, at: at(minute), type: 'COMPLETE', jobFacets: facets });
    const code = (version: string): object => ({ type: 'git', url: `https://example.org/${version}`, version });
    const events = [run(1, { sourceCodeLocation: code('one') }), run(2, { sourceCodeLocation: code('two') }), run(3, { sourceCodeLocation: code('one') }), run(4, { jobVersion: { version: 'sum' } })];
    for (const answer of await answersOf(events, '{ job(namespace: "tests", name: "job") { versions { version firstSeenAt lastSeenAt namedBy url } } }')) {
      expect(answer).toEqual({ job: { versions: [
        { version: 'one', firstSeenAt: at(1), lastSeenAt: at(3), namedBy: 'sourceCodeLocation', url: 'https://example.org/one' },
        { version: 'two', firstSeenAt: at(2), lastSeenAt: at(2), namedBy: 'sourceCodeLocation', url: 'https://example.org/two' },
        { version: 'sum', firstSeenAt: at(4), lastSeenAt: at(4), namedBy: 'jobVersion', url: null },
      ] } });
    }
  });
});
