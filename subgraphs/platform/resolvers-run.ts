import { toId } from '../../kit/graph/id.ts';
import type { JobRunDocument, NamedDataset, StoredCost } from './documents.ts';
import type { RunOutputDocument } from './documents-outputs.ts';
import { bodyOf, type StatisticsFact } from './facts.ts';
import { toAssertions, toMetrics } from './facts-quality.ts';
import type { Body } from './facts-values.ts';
import { eventOf } from './fold.ts';
import { facetIn } from './kept-events.ts';
import type { Loaders } from './loaders.ts';
import { loadAll, loadHeld, toTeamAttribution } from './present.ts';
import { durationOf } from './rollup.ts';
import { outputIdOf } from './run.ts';
import type { Resolvers } from './schema.generated.ts';
import { isVanished } from './vanished.ts';

/** A cost as `Cost` shows it. */
export function toCost({ micros, currency, service }: StoredCost): { billedCost: number; billingCurrency: string; serviceName: string | null } {
  return { billedCost: micros / 1_000_000, billingCurrency: currency, serviceName: service };
}

/** Costs of one service and currency, added up. */
function addCosts(costs: readonly StoredCost[]): StoredCost[] {
  const sums = new Map<string, StoredCost>();
  for (const cost of costs) {
    const key = JSON.stringify([cost.currency, cost.service]);
    sums.set(key, { ...cost, micros: cost.micros + (sums.get(key)?.micros ?? 0) });
  }
  return [...sums.values()];
}

const headerOf = async (output: RunOutputDocument, loaders: { header: { load(id: string): Promise<{ columns: readonly string[] } | null> } }): Promise<readonly string[] | null> =>
  output.headerId === null ? null : ((await loaders.header.load(output.headerId))?.columns ?? null);

async function namedOf(output: RunOutputDocument, loaders: Loaders): Promise<NamedDataset | null> {
  const run = await loadHeld(loaders.run, output.runId);
  return run.fold?.outputs.find(({ id }) => id === output.datasetId) ?? null;
}

/** A facet's body out of the event whose word on it is the last; null where none stands. */
async function bodyInEvent(loaders: Loaders, named: NamedDataset | null, side: 'inputs' | 'outputs', facet: string): Promise<Body | null> {
  const [, stamp, kept] = named?.facets.find(([name]) => name === facet) ?? [];
  if (named === null || stamp === undefined || kept == null) return null;
  const event = await loaders.event.load(eventOf(stamp));
  return facetIn(event?.body, side, named, facet);
}

export const runResolvers: Required<Pick<Resolvers, 'JobRun' | 'RunInput' | 'RunOutput'>> = {
  JobRun: {
    __resolveReference: ({ id }, { loaders }) => loaders.run.load(id),
    job: (run, _, { loaders }) => loadHeld(loaders.job, run.jobId),
    state: async (run, _, { loaders, now }) => {
      // The job is loaded for ended runs too: most questions name it anyway, and what a question costs must not hang on how runs ended.
      const job = await loadHeld(loaders.job, run.jobId);
      return isVanished(run, job, now()) ? 'VANISHED' : run.state;
    },
    durationMs: durationOf,
    team: (run) => toTeamAttribution(run.team),
    user: (run) => (run.user === null ? null : { id: toId('User', run.user) }),
    parent: (run, _, { loaders }) => (run.parentId === null ? null : loaders.run.load(run.parentId)),
    root: (run, _, { loaders }) => (run.rootId === null ? null : loaders.run.load(run.rootId)),
    children: (run, { first, after }, { loaders }) => loaders.children.load({ prefix: [run.id], reverse: true, first, after }),
    inputs: (run, _, { loaders }) => loadAll(loaders.dataset, run.inputs),
    reads: (run) => (run.fold?.inputs ?? []).map((named) => ({ run, named })),
    outputs: (run, _, { loaders }) => loadAll(loaders.output, run.outputs.map((datasetId) => outputIdOf(run.id, datasetId))),
    cost: (run) => addCosts(run.costs).map(toCost),
    facets: (run: JobRunDocument, _, { loaders }) => loaders.facets.load(run),
    events: (run) => run.fold?.events ?? 1,
  },
  RunInput: {
    dataset: ({ named }, _, { loaders }) => loadHeld(loaders.dataset, named.id),
    rows: ({ named }) => bodyOf<StatisticsFact>(named.facets, 'inputStatistics')?.rows ?? null,
    bytes: ({ named }) => bodyOf<StatisticsFact>(named.facets, 'inputStatistics')?.bytes ?? null,
    files: ({ named }) => bodyOf<StatisticsFact>(named.facets, 'inputStatistics')?.files ?? null,
    metrics: async ({ named }, _, { loaders }) => toMetrics(await bodyInEvent(loaders, named, 'inputs', 'dataQualityMetrics')),
    assertions: async ({ named }, _, { loaders }) => toAssertions(await bodyInEvent(loaders, named, 'inputs', 'dataQualityAssertions')),
  },
  RunOutput: {
    metrics: async (output, _, { loaders }) => toMetrics(await bodyInEvent(loaders, await namedOf(output, loaders), 'outputs', 'dataQualityMetrics')),
    assertions: async (output, _, { loaders }) => toAssertions(await bodyInEvent(loaders, await namedOf(output, loaders), 'outputs', 'dataQualityAssertions')),
    dataset: (output, _, { loaders }) => loadHeld(loaders.dataset, output.datasetId),
    run: (output, _, { loaders }) => loadHeld(loaders.run, output.runId),
    schemaChange: (output) => output.change,
    columns: (output, _, { loaders }) => headerOf(output, loaders),
  },
};
