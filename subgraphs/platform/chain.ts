import { toId } from '../../kit/graph/id.ts';
import type { BadStretch, ChainState, RunOutputDocument } from './documents-outputs.ts';
import { judge, type Judgement, START_OF_CHAIN, wholeRows } from './verdict.ts';

/** An output judged, with the stretch that it ended, where it ended one. */
export interface Judged {
  readonly output: RunOutputDocument;
  readonly ended: BadStretch | null;
}

/** Judges an output after the state that the one before it left; the header of an id is given by `headerOf`. */
export function judgeNext(
  output: RunOutputDocument,
  before: ChainState,
  headerOf: (id: string | null) => readonly string[] | null,
): Judged {
  const judgement = judge(output, headerOf(output.headerId), before, headerOf(before.headerId));
  const { stretch, ended } = toStretch(output, before, judgement);
  const isGood = judgement.verdict === 'GOOD';
  const after: ChainState = {
    rows: isGood ? (wholeRows(output) ?? before.rows) : before.rows,
    headerId: isGood ? (output.headerId ?? before.headerId) : before.headerId,
    contentHash: output.contentHash ?? before.contentHash,
    verdict: judgement.verdict,
    fault: judgement.fault,
    stretch,
  };
  const { verdict, fault, change } = judgement;
  return { output: { ...output, verdict, fault, change, after }, ended };
}

/**
 * A bad output begins or lengthens a stretch; a good one ends it, and so does one whose content nobody recorded but whose
 * hash differs: something else was written.
 */
function toStretch(
  output: RunOutputDocument,
  { stretch, contentHash }: ChainState,
  { verdict, fault, detail }: Judgement,
): { stretch: BadStretch | null; ended: BadStretch | null } {
  if (verdict === 'BAD' && fault !== null) {
    if (stretch !== null) {
      return { stretch: { ...stretch, lastRunId: output.runId, badOutputs: stretch.badOutputs + 1 }, ended: null };
    }
    const { datasetId, jobId, runId, writtenAt } = output;
    const id = toId('Incident', datasetId, jobId, runId);
    return { stretch: { id, fault, detail, since: writtenAt ?? output.at, firstRunId: runId, lastRunId: runId, badOutputs: 1 }, ended: null };
  }
  if (stretch === null) return { stretch: null, ended: null };
  const isOther = output.contentHash !== null && output.contentHash !== contentHash;
  return verdict === 'GOOD' || isOther ? { stretch: null, ended: stretch } : { stretch, ended: null };
}

/** The state that an output left, or that before the first. */
export function stateAfter(output: RunOutputDocument | undefined): ChainState {
  return output?.after ?? START_OF_CHAIN;
}

const STATE_FIELDS = ['rows', 'headerId', 'contentHash', 'verdict', 'fault'] as const;
const STRETCH_FIELDS = ['id', 'fault', 'detail', 'since', 'firstRunId', 'lastRunId', 'badOutputs'] as const;

/** True where nothing of an output's judgement differs, so that the outputs after it are judged alike too. */
export function isSameState(one: ChainState | null, other: ChainState | null): boolean {
  if (one === null || other === null) return one === other;
  return STATE_FIELDS.every((field) => one[field] === other[field]) && isSameStretch(one.stretch, other.stretch);
}

function isSameStretch(one: BadStretch | null, other: BadStretch | null): boolean {
  if (one === null || other === null) return one === other;
  return STRETCH_FIELDS.every((field) => one[field] === other[field]);
}
