import { SIMULATED_NAMESPACE } from '../../kit/graph/id.ts';
import { ENGINE, VERSION_AFTER, VERSION_BEFORE } from './effects.ts';
import { toInstant } from './clock.ts';
import type { Facets } from './openlineage.ts';
import { toCustomFacet, toFacet } from './openlineage.ts';

/** A run that another run names: its own id and its job's name. */
export interface RunName {
  readonly runId: string;
  readonly job: string;
}

const toRunName = (name: RunName): object => ({ run: { runId: name.runId }, job: { namespace: SIMULATED_NAMESPACE, name: name.job } });

export function toParentFacet(parent: RunName, root: RunName): Facets {
  return { parent: toFacet('ParentRunFacet', '1-2-0', { ...toRunName(parent), root: toRunName(root) }) };
}

export function toNominalTimeFacet(at: number): Facets {
  return { nominalTime: toFacet('NominalTimeRunFacet', '1-0-1', { nominalStartTime: toInstant(at) }) };
}

export function toEngineFacet(side: 'before' | 'after'): Facets {
  const version = side === 'before' ? VERSION_BEFORE : VERSION_AFTER;
  return { processing_engine: toFacet('ProcessingEngineRunFacet', '1-1-1', { name: ENGINE, version, openlineageAdapterVersion: '1.0.0' }) };
}

export function toErrorFacet(message: string): Facets {
  return { errorMessage: toFacet('ErrorMessageRunFacet', '1-0-1', { message, programmingLanguage: 'PYTHON' }) };
}

export function toJobTypeFacet(integration: string, jobType: string): Facets {
  return { jobType: toFacet('JobTypeJobFacet', '2-0-3', { processingType: 'BATCH', integration, jobType }) };
}

/** The owner's name carries its type, as OpenLineage recommends: `team:simulated/drama`. */
export function toOwnerByName(team: string): Facets {
  return { ownership: toFacet('OwnershipJobFacet', '1-0-1', { owners: [{ name: `team:${team}` }] }) };
}

/** The owner's type is beside the name, as Spark's listener sends what was configured under the key `team`. */
export function toOwnerByType(team: string): Facets {
  return { ownership: toFacet('OwnershipJobFacet', '1-0-1', { owners: [{ name: team, type: 'team' }] }) };
}

export function toJobTag(team: string): Facets {
  return { tags: toFacet('TagsJobFacet', '1-0-0', { tags: [{ key: 'team', value: team, source: 'AIRFLOW' }] }) };
}

export function toRunTag(team: string): Facets {
  return { tags: toFacet('TagsRunFacet', '1-0-0', { tags: [{ key: 'team', value: team, source: 'USER' }] }) };
}

/** The run says itself for whom it runs, in the facet that the platform subgraph names. */
export function toTeamFacet(team: string): Facets {
  return { loopgraph_team: toCustomFacet('RunFacet', { name: team }) };
}

/** How long the run stood in the runner's queue; OpenLineage has no facet of its own for that. */
export function toWaitFacet(submittedAt: number, startedAt: number): Facets {
  return { loopgraph_wait: toCustomFacet('RunFacet', { submittedAt: toInstant(submittedAt), waitMs: startedAt - submittedAt }) };
}

/** Who started the run by hand. */
export function toUserFacet(user: string): Facets {
  return { loopgraph_user: toCustomFacet('RunFacet', { user }) };
}

/** What the run cost, with FOCUS's column names; OpenLineage has no facet of its own for that. */
export function toCostFacet(micros: number): Facets {
  return { focus_cost: toCustomFacet('RunFacet', { BilledCost: micros / 1_000_000, BillingCurrency: 'USD', ServiceName: ENGINE }) };
}
