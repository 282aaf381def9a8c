import fc from 'fast-check';
import { expect, it } from 'vitest';
import { differencesOf } from '../../kit/rebuild/test-rebuild.ts';
import { describeOnEachStore } from '../../kit/store/test-stores.ts';
import { collections, createDesk, snapshot, toOutput, toRunEvent } from './fixtures.ts';
import { platform } from './index.ts';

const HEADERS = [['week', 'title', 'hours'], ['week', 'title', 'hours', 'views'], ['week', 'hours']];
const START = Date.parse('2024-03-01T00:00:00Z');

const content = fc.oneof(
  fc.record({
    header: fc.constantFrom(...HEADERS),
    firstLine: fc.constant(null),
    lines: fc.constantFrom(1, 101, 111, 30),
    bytes: fc.constant(1_000),
    contentHash: fc.constantFrom('a', 'b'),
    firstPeriodOn: fc.constant('2024-01-01'),
    lastPeriodOn: fc.constantFrom('2024-02-04', '2024-02-11'),
  }),
  fc.record({
    header: fc.constant(null),
    firstLine: fc.constantFrom('<a href="x">Moved</a>', 'null'),
    lines: fc.constant(1),
    bytes: fc.constant(4),
    contentHash: fc.constantFrom('c', 'd'),
  }),
  fc.record({ contentHash: fc.constantFrom('a', 'c', 'e') }),
);

const GONE = { _deleted: true };
const assertion = fc.record({ assertion: fc.constantFrom('unique', 'not_null'), success: fc.boolean(), column: fc.constantFrom('a', 'b') });

/** What an event says of a dataset beside its content: any of it may be deleted again. */
const datasetFacets = fc.record(
  {
    schema: fc.oneof(fc.constant(GONE), fc.record({ fields: fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c'), type: fc.constantFrom('INT', 'TEXT') }), { selector: ({ name }) => name, maxLength: 3 }) })),
    columnLineage: fc.oneof(
      fc.constant(GONE),
      fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('a', 'b'), fc.boolean()).map(([made, field, isRows]) => {
        const from = [{ namespace: 'tests', name: 'z', field, transformations: [{ type: isRows ? 'INDIRECT' : 'DIRECT' }] }];
        return { fields: { [made]: { inputFields: from } }, ...(isRows ? { dataset: from } : {}) };
      }),
    ),
    dataQualityAssertions: fc.oneof(fc.constant(GONE), fc.record({ assertions: fc.array(assertion, { maxLength: 3 }) })),
    documentation: fc.constantFrom(GONE, { description: 'words' }),
  },
  { requiredKeys: [] },
);

const readPart = fc.record({
  name: fc.constantFrom('x', 'z'),
  facets: datasetFacets,
  inputFacets: fc.record({ inputStatistics: fc.record({ rowCount: fc.nat(9) }), dataQualityAssertions: fc.record({ assertions: fc.array(assertion, { maxLength: 2 }) }) }, { requiredKeys: [] }),
});

const runId = (run: number): string => `00000000-0000-4000-8000-00000000000${run}`;

/** Events of a few runs that share jobs, parents, teams, people and outputs, dense enough that all of it meets. */
const event = fc
  .record({
    run: fc.integer({ min: 0, max: 5 }),
    minute: fc.integer({ min: 0, max: 60 }),
    type: fc.constantFrom('START', 'START', 'RUNNING', 'COMPLETE', 'COMPLETE', 'COMPLETE', 'FAIL', 'ABORT', 'OTHER', null),
    parent: fc.option(fc.integer({ min: 0, max: 5 }), { freq: 3 }),
    root: fc.option(fc.integer({ min: 0, max: 5 }), { freq: 6 }),
    team: fc.option(fc.constantFrom('search', 'ads'), { freq: 4 }),
    owner: fc.option(fc.constantFrom('team:data', '***', 'user:jo'), { freq: 4 }),
    user: fc.option(fc.constantFrom('ana', 'bo', 'cy'), { freq: 2 }),
    cost: fc.option(fc.integer({ min: -5, max: 500 }), { freq: 4 }),
    submitted: fc.option(fc.integer({ min: -30, max: 10 }), { freq: 4 }),
    outputs: fc.option(fc.array(fc.tuple(fc.constantFrom('x', 'y'), content, fc.option(datasetFacets)), { maxLength: 2 }), { freq: 2 }),
    inputs: fc.option(fc.array(readPart, { maxLength: 2 }), { freq: 2 }),
    gone: fc.constantFrom(null, null, null, 'loopgraph_team', 'parent', 'focus_cost', 'ownership'),
  })
  .map(({ run, minute, type, parent, root, team, owner, user, cost, submitted, outputs: written, inputs: read, gone }) =>
    toRunEvent({
      run: runId(run),
      job: `job ${run % 2}`,
      at: new Date(START + minute * 60_000).toISOString(),
      type,
      runFacets: {
        ...(parent === null ? {} : { parent: { run: { runId: runId(parent) }, ...(root === null ? {} : { root: { run: { runId: runId(root) } } }) } }),
        ...(team === null ? {} : { loopgraph_team: { name: team } }),
        ...(user === null ? {} : { loopgraph_user: { user } }),
        ...(cost === null ? {} : { focus_cost: { BilledCost: cost / 100, BillingCurrency: 'USD', ServiceName: 'compute' } }),
        ...(gone === null || gone === 'ownership' ? {} : { [gone]: GONE }),
        ...(submitted === null ? {} : { loopgraph_wait: { submittedAt: new Date(START + (minute + submitted) * 60_000).toISOString() } }),
      },
      ...(owner === null && gone !== 'ownership' ? {} : { jobFacets: { ownership: gone === 'ownership' ? GONE : { owners: [{ name: owner }] } } }),
      ...(written === null ? {} : { outputs: written.map(([name, facts, facets]) => ({ ...(toOutput(name, facts) as object), ...(facets === null ? {} : { facets }) })) }),
      ...(read === null ? {} : { inputs: read.map((each) => ({ namespace: 'tests', ...each })) }),
    }),
  );

/** Events without a run, which tell of a job or of a dataset. */
const designEvent = fc
  .record({ name: fc.constantFrom('x', 'y'), minute: fc.integer({ min: 0, max: 60 }), version: fc.constantFrom('v1', 'v2'), column: fc.constantFrom('a', 'b'), isJob: fc.boolean(), facets: datasetFacets })
  .map(({ name, minute, version, column, isJob, facets: more }) => {
    const dataset = { namespace: 'tests', name, facets: { columnLineage: { fields: { title: { inputFields: [{ namespace: 'tests', name: 'z', field: column }] } } }, ...more } };
    const eventTime = new Date(START + minute * 60_000).toISOString();
    const job = { namespace: 'tests', name: 'job 0', facets: { sourceCodeLocation: { version }, documentation: { description: `${version} ${column}` } } };
    return isJob ? { eventTime, job, outputs: [dataset] } : { eventTime, dataset };
  });

await describeOnEachStore('events in any order', ({ name, open }) => {
  it('leave what all that is derived can be computed from anew', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof({ weight: 8, arbitrary: event }, { weight: 1, arbitrary: designEvent }), { minLength: 8, maxLength: 14 }), async (sent) => {
        const store = await open(collections);
        for (const each of sent) await createDesk(store).send('openlineage', [each]);
        expect(await differencesOf(platform, store, open)).toEqual([]);
        await store.close();
      }),
      { numRuns: name === 'LMDB' ? 4 : 1 },
    );
  });

  it('give the same runs, outputs, incidents and buckets, however they are repeated, cut into batches and sent together', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 8, arbitrary: event }, { weight: 1, arbitrary: designEvent }), { minLength: 1, maxLength: 12 }).chain((sent) =>
          fc.record({
            sent: fc.constant(sent),
            order: fc.shuffledSubarray([...sent, ...sent.slice(0, 3)], { minLength: sent.length + Math.min(3, sent.length) }),
            cut: fc.integer({ min: 1, max: 5 }),
            together: fc.boolean(),
          }),
        ),
        async ({ sent, order, cut, together }) => {
          const [once, shuffled] = [await open(collections), await open(collections)];
          const whole = await createDesk(once).send('openlineage', sent);
          expect(whole.rejected).toEqual([]);
          const desk = createDesk(shuffled);
          const batches = Array.from({ length: Math.ceil(order.length / cut) }, (_, place) => order.slice(place * cut, (place + 1) * cut));
          let accepted = 0;
          if (together) for (const receipt of await Promise.all(batches.map((batch) => desk.send('openlineage', batch)))) accepted += receipt.accepted;
          else for (const batch of batches) accepted += (await desk.send('openlineage', batch)).accepted;
          expect(accepted).toBe(whole.accepted);
          expect(await snapshot(shuffled)).toEqual(await snapshot(once));
          await Promise.all([once.close(), shuffled.close()]);
        },
      ),
      name === 'LMDB' ? { numRuns: 40 } : { numRuns: 4 },
    );
  }, 180_000);
});
