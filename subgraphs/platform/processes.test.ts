import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overtake } from '../../kit/store/test-interleaved.ts';
import { createStores, findTestMongodb } from '../../kit/store/test-stores.ts';
import { toScale } from '../../kit/test-scale.ts';
import { collections, createDesk, snapshot, toOutput, toRunEvent } from './fixtures.ts';

const { uri, reason, neverSkip } = await findTestMongodb();
if (uri === null && neverSkip) throw new Error(`There is no MongoDB server: ${reason}`);

const START = Date.parse('2024-03-01T00:00:00Z');
const DAY_MS = 86_400_000;
const RUNS = 5;
const GONE = { _deleted: true };

const facets = fc.record(
  {
    schema: fc.constantFrom('a', 'b', 'c').map((name) => ({ fields: [{ name }] })),
    columnLineage: fc.oneof(
      { weight: 1, arbitrary: fc.constant(GONE) },
      { weight: 2, arbitrary: fc.constantFrom('a', 'b').map((field) => ({ fields: { made: { inputFields: [{ namespace: 'tests', name: 'z', field }] } } })) },
    ),
    dataQualityAssertions: fc.oneof(fc.constant(GONE), fc.boolean().map((success) => ({ assertions: [{ assertion: 'unique', success }] }))),
  },
  { requiredKeys: [] },
);

/** Runs months apart, of teams of their own: what two of them share is only what links them, so that nothing else makes their commits conflict. */
const runEvent = fc
  .record({
    run: fc.nat(RUNS - 1),
    minute: fc.nat(60),
    type: fc.constantFrom('START', 'COMPLETE', 'FAIL'),
    parent: fc.option(fc.nat(RUNS - 1), { freq: 3 }),
    root: fc.option(fc.nat(RUNS - 1), { freq: 3 }),
    hasTeam: fc.boolean(),
    output: fc.option(fc.record({ lines: fc.constantFrom(2, 100), contentHash: fc.constantFrom('a', 'b'), facets }), { freq: 2 }),
  })
  .map(({ run, minute, type, parent, root, hasTeam, output }) =>
    toRunEvent({
      run: `run ${run}`,
      job: `job ${run % 2}`,
      at: new Date(START + run * 40 * DAY_MS + minute * 60_000).toISOString(),
      type,
      runFacets: {
        ...(parent === null ? {} : { parent: { run: { runId: `run ${parent}` }, ...(root === null ? {} : { root: { run: { runId: `run ${root}` } } }) } }),
        ...(hasTeam ? { loopgraph_team: { name: `team ${run}` } } : {}),
      },
      ...(output === null ? {} : { outputs: [{ ...(toOutput('x', { header: 'a,b', firstLine: null, lines: output.lines, bytes: 1_000, contentHash: output.contentHash }) as object), facets: output.facets }] }),
    }),
  );

const designEvent = fc
  .record({ day: fc.nat(200), facets, isJob: fc.boolean() })
  .map(({ day, facets: said, isJob }) => {
    const dataset = { namespace: 'tests', name: 'x', facets: said };
    const eventTime = new Date(START + day * DAY_MS).toISOString();
    return isJob ? { eventTime, job: { namespace: 'tests', name: 'job 0' }, outputs: [dataset] } : { eventTime, dataset };
  });

const event = fc.oneof({ weight: 2, arbitrary: runEvent }, { weight: 1, arbitrary: designEvent });

describe.skipIf(uri === null)(`two processes on one database${reason === null ? '' : ` (${reason})`}`, () => {
  const { open, newLocation } = createStores('MongoDB', uri);

  it('leave what one leaves, whichever of them writes between the reads and the write of the other', async () => {
    const at = newLocation();
    const [alone, first, second] = [await open(collections), await open(collections, { at }), await open(collections, { at })];
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 3 }), event, event, async (...drawn) => {
        round += 1;
        // Names of their own let all rounds use the same stores, whose making takes seconds.
        const named = JSON.parse(JSON.stringify(drawn).replaceAll(/"(tests|run |team )/g, `"$1${round}.`)) as typeof drawn;
        const [earlier, one, other] = named;
        await createDesk(alone).send('openlineage', [...earlier, one, other]);
        if (earlier.length > 0) await createDesk(first).send('openlineage', earlier);
        await createDesk(overtake(first, () => createDesk(second).send('openlineage', [other]))).send('openlineage', [one]);
        expect(await snapshot(second)).toEqual(await snapshot(alone));
      }),
      // What one round left wrong stays wrong in the next: nothing can be shrunk.
      { numRuns: toScale(400), seed: 5, endOnFailure: true },
    );
  }, 600_000);
});
