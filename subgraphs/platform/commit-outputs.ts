import { originOf } from '../../kit/graph/id.ts';
import type { Transaction } from '../../kit/store/port.ts';
import { isSameState, judgeNext, stateAfter } from './chain.ts';
import { putMissing, type RunChange } from './change.ts';
import { datasets, headers, incidents, outputs } from './collections.ts';
import type { IncidentDocument, RunOutputDocument } from './documents-outputs.ts';
import { outputIdOf, toOutputs } from './run.ts';

const PAGE = 500;

/** Writes the outputs of changed runs, and judges anew each output whose verdict may differ because of them. */
export async function writeOutputs(transaction: Transaction, changes: readonly RunChange[]): Promise<void> {
  const told = changes.flatMap(({ before, after }) => {
    const ids = before === null ? [] : before.outputs.map((datasetId) => outputIdOf(before.id, datasetId));
    return [{ ids, ...toOutputs(after) }];
  });
  const wanted = told.flatMap((each) => each.outputs);
  if (wanted.length === 0) return;
  await putMissing(transaction, headers, told.flatMap((each) => each.headers));
  const stored = await transaction.get(outputs, wanted.map(({ id }) => id));
  const chains = new Map<string, Span>();
  wanted.forEach((output, place) => {
    const before = stored[place] ?? null;
    if (before !== null && isSameOutput(before, output)) return;
    touch(chains, before);
    touch(chains, output);
    // What was judged before is found by the walk over the chain, unless the output has left it.
    transaction.put(outputs, { ...output, after: output.writtenAt === null ? null : (before?.after ?? null) });
  });
  const left = leavers(stored, wanted);
  for (const [chain, touched] of chains) await judgeChain(transaction, JSON.parse(chain) as [string, string], touched, left);
}

const isSameChange = (one: RunOutputDocument['change'], other: RunOutputDocument['change']): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The first and the last moment at which a chain was touched. */
interface Span {
  readonly from: number;
  readonly last: number;
}

/** Ids of stretches that began with an output which is no longer a link of its chain, or stands elsewhere in it. */
function leavers(stored: readonly (RunOutputDocument | null)[], wanted: readonly RunOutputDocument[]): Set<string> {
  const ids = new Set<string>();
  wanted.forEach((output, place) => {
    const before = stored[place] ?? null;
    const stretch = before?.after?.stretch ?? null;
    if (before !== null && stretch !== null && (before.writtenAt !== output.writtenAt || before.jobId !== output.jobId)) ids.add(stretch.id);
  });
  return ids;
}

/** What a run's events say of an output; all but the judgement. */
const TOLD_FIELDS = [
  'runId', 'jobId', 'datasetId', 'at', 'writtenAt', 'rows', 'bytes', 'files', 'headerId', 'firstLine', 'contentHash', 'firstPeriodOn',
  'lastPeriodOn', 'cadenceDays', 'partial', 'inspected',
] as const satisfies readonly (keyof RunOutputDocument)[];

function isSameOutput(before: RunOutputDocument, output: RunOutputDocument): boolean {
  return TOLD_FIELDS.every((field) => before[field] === output[field]);
}

function touch(chains: Map<string, Span>, output: RunOutputDocument | null): void {
  if (output === null || output.writtenAt === null) return;
  const at = output.writtenAt;
  const chain = JSON.stringify([output.datasetId, output.jobId]);
  const { from, last } = chains.get(chain) ?? { from: at, last: at };
  chains.set(chain, { from: Math.min(from, at), last: Math.max(last, at) });
}

/**
 * Judges a chain from where it was touched until, past all of that, a judgement comes out as it was: from there on nothing
 * can differ. Stretches that the
 * old judgements knew and the new ones do not are undone.
 */
async function judgeChain(transaction: Transaction, [datasetId, jobId]: [string, string], { from, last }: Span, left: ReadonlySet<string>): Promise<void> {
  // Another process may put an output between two that this one reads.
  transaction.hold(`chain ${datasetId} ${jobId}`);
  const [previous] = await transaction.scan(outputs.byChain, { prefix: [datasetId, jobId], to: from, reverse: true, limit: 1 });
  let state = stateAfter(previous?.document);
  const [dataset] = await transaction.get(datasets, [datasetId]);
  const origin = originOf(dataset?.namespace ?? '');
  const known = new Map<string, readonly string[]>();
  const live = new Map<string, IncidentDocument>();
  const old = new Set<string>(left);
  const toIncident = (stretch: NonNullable<typeof state.stretch>, until: number | null): IncidentDocument => ({ ...stretch, origin, datasetId, jobId, until, stands: true });
  if (state.stretch !== null) live.set(state.stretch.id, toIncident(state.stretch, null));
  let settled = false;
  for (let after: string | undefined; !settled; ) {
    const page = await transaction.scan(outputs.byChain, { prefix: [datasetId, jobId], from, limit: PAGE, ...(after === undefined ? {} : { after }) });
    await readHeaders(transaction, known, [state.headerId, ...page.map(({ document }) => document.headerId)]);
    for (const { document } of page) {
      if (document.after?.stretch != null) old.add(document.after.stretch.id);
      const { output, ended } = judgeNext(document, state, (id) => (id === null ? null : (known.get(id) ?? null)));
      if (ended !== null) live.set(ended.id, toIncident(ended, output.writtenAt));
      state = stateAfter(output);
      if (state.stretch !== null) live.set(state.stretch.id, toIncident(state.stretch, null));
      // A late predecessor may change what columns came and went, and nothing else.
      const isSame = document.verdict === output.verdict && isSameChange(document.change, output.change) && isSameState(document.after, output.after);
      settled = isSame && output.writtenAt !== null && output.writtenAt > last;
      if (settled) break;
      if (!isSame || output.writtenAt === null || output.writtenAt <= last) transaction.put(outputs, output);
    }
    if (page.length < PAGE) break;
    after = page.at(-1)?.position;
  }
  // An open stretch at a settled output goes on as it was written before.
  if (settled && state.stretch !== null) live.delete(state.stretch.id);
  const kept = settled && state.stretch !== null ? state.stretch.id : null;
  for (const incident of live.values()) transaction.put(incidents, incident);
  const gone = [...old].filter((id) => !live.has(id) && id !== kept);
  if (gone.length > 0) {
    for (const incident of await transaction.get(incidents, gone)) {
      if (incident !== null && incident.datasetId === datasetId && incident.jobId === jobId) transaction.put(incidents, { ...incident, stands: false });
    }
  }
}

async function readHeaders(transaction: Transaction, known: Map<string, readonly string[]>, ids: readonly (string | null)[]): Promise<void> {
  const wanted = [...new Set(ids)].filter((id): id is string => id !== null && !known.has(id));
  if (wanted.length === 0) return;
  for (const header of await transaction.get(headers, wanted)) if (header !== null) known.set(header.id, header.columns);
}
