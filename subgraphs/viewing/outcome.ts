import type { ErrorCode } from '../../kit/graph/errors.ts';
import type { Receipt, Rejection } from '../../kit/subgraph.ts';
import { rejectEvent } from '../../kit/ingest/receipt.ts';

/** What became of one event that was committed: taken, taken before, or refused. */
export type Outcome = 'accepted' | 'repeated' | { readonly code: ErrorCode; readonly field: string; readonly message: string };

/** The receipt of a batch: what was refused before the commit, and what became of the rest, which stood at these places. */
export function toReceipt(outcomes: readonly Outcome[], places: readonly number[], rejected: readonly Rejection[]): Receipt {
  const refused = outcomes.flatMap((outcome, item) =>
    typeof outcome === 'string' ? [] : rejectEvent(places[item] ?? 0, outcome.code, outcome.field, outcome.message),
  );
  return {
    accepted: outcomes.filter((outcome) => outcome === 'accepted').length,
    repeated: outcomes.filter((outcome) => outcome === 'repeated').length,
    rejected: [...rejected, ...refused].sort((a, b) => a.index - b.index),
  };
}
