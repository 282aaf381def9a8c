import { originOf } from '../../kit/graph/id.ts';
import { hash } from '../../kit/ingest/canonical.ts';
import { claimOf } from './attribution.ts';
import type { JobRunDocument, NamedDataset, RunFold, StoredCost } from './documents.ts';
import type { HeaderDocument, OutputFacts, RunOutputDocument } from './documents-outputs.ts';
import { bodyOf, type ContentFact, type StatisticsFact } from './facts.ts';
import { toLastAttempt } from './fold.ts';
import { jobIdOf, runIdOf } from './ingest.ts';
import { LONGEST_MS, unattributedGroup } from './rollup.ts';

/** A run as its events tell, but for what it inherits: `team` and `group` are filled in by the commit. */
export function toRun(id: string, fold: RunFold): JobRunDocument {
  const [, namespace, name] = fold.job;
  const { attempts, state, startedAt, endedAt } = toLastAttempt(fold);
  const nominal = bodyOf<{ start: number | null; end: number | null }>(fold.run, 'nominalTime');
  const wait = bodyOf<{ submittedAt: number | null; waitMs: number | null }>(fold.run, 'loopgraph_wait');
  const parent = bodyOf<{ parent: string | null; root: string | null }>(fold.run, 'parent');
  const parentId = parent?.parent == null ? null : runIdOf(parent.parent);
  const rootId = parent?.root == null ? null : runIdOf(parent.root);
  const waited = wait?.waitMs ?? (wait?.submittedAt == null || startedAt === null ? null : startedAt - wait.submittedAt);
  const origin = originOf(namespace);
  return {
    id,
    runId: fold.runId[1],
    origin,
    jobId: jobIdOf(namespace, name),
    state,
    at: startedAt ?? endedAt ?? fold.firstAt,
    startedAt,
    endedAt,
    nominalStartAt: nominal?.start ?? null,
    nominalEndAt: nominal?.end ?? null,
    waitMs: waited === null || waited < 0 || waited > LONGEST_MS ? null : waited,
    attempts,
    user: userOf(fold),
    costs: bodyOf<StoredCost[]>(fold.run, 'focus_cost') ?? [],
    claim: claimOf(fold),
    team: null,
    group: unattributedGroup(origin),
    parentId: parentId === id ? null : parentId,
    rootId: rootId === id ? null : rootId,
    inputs: fold.inputs.map((dataset) => dataset.id),
    outputs: fold.outputs.map((dataset) => dataset.id),
    fold,
    log: null,
  };
}

/** A pseudonym, without the `person:` that marks it in stored bodies. */
function userOf({ run }: RunFold): string | null {
  const dagRun = bodyOf<{ user: string | null }>(run, 'airflowDagRun') ?? bodyOf<{ user: string | null }>(run, 'airflow');
  const user = bodyOf<string>(run, 'loopgraph_user') ?? dagRun?.user ?? null;
  return user === null || /^\*+$/.test(user) ? null : user.replace(/^person:/, '');
}

/** What a run says that it wrote to a dataset. */
function factsOf({ facets }: NamedDataset): { facts: OutputFacts; header: HeaderDocument | null } {
  const content = bodyOf<ContentFact>(facets, 'loopgraph_content');
  const statistics = bodyOf<StatisticsFact>(facets, 'outputStatistics');
  const isDropped = /^(DROP|TRUNCATE)$/i.test(bodyOf<string>(facets, 'lifecycleStateChange') ?? '');
  const schema = bodyOf<string[]>(facets, 'schema');
  const columns = content?.header ?? (content?.firstLine == null && !isDropped && schema !== null && schema.length > 0 ? schema : null);
  const header = columns === null ? null : { id: hash(columns), columns };
  const lines = content?.lines ?? null;
  const counted = lines === null ? null : content?.header != null ? Math.max(0, lines - 1) : lines;
  return {
    header,
    facts: {
      rows: content?.rows ?? counted ?? statistics?.rows ?? null,
      bytes: content?.bytes ?? statistics?.bytes ?? null,
      files: statistics?.files ?? null,
      headerId: header?.id ?? null,
      firstLine: content?.firstLine ?? null,
      contentHash: content?.contentHash ?? bodyOf<string>(facets, 'version'),
      firstPeriodOn: content?.firstPeriodOn ?? null,
      lastPeriodOn: content?.lastPeriodOn ?? null,
      cadenceDays: content?.cadenceDays ?? null,
      partial: bodyOf<{ partial: boolean }>(facets, 'loopgraph_write')?.partial ?? false,
      inspected: content !== null && (content.header !== null || content.firstLine !== null || content.bytes !== null || lines !== null),
    },
  };
}

export const outputIdOf = (runId: string, datasetId: string): string => `${runId}|${datasetId}`;

/** The outputs of a run, not judged yet, and their headers. Only what a run wrote that ended well is a link of a chain. */
export function toOutputs(run: JobRunDocument): { outputs: RunOutputDocument[]; headers: HeaderDocument[] } {
  const headers: HeaderDocument[] = [];
  const outputs = (run.fold?.outputs ?? []).map((named): RunOutputDocument => {
    const { facts, header } = factsOf(named);
    if (header !== null) headers.push(header);
    return {
      id: outputIdOf(run.id, named.id),
      runId: run.id,
      jobId: run.jobId,
      datasetId: named.id,
      at: run.endedAt ?? run.at,
      writtenAt: run.state === 'COMPLETE' ? run.endedAt : null,
      ...facts,
      verdict: 'UNKNOWN',
      fault: null,
      change: null,
      after: null,
    };
  });
  return { outputs, headers };
}
