import type { ErrorCode } from '../graph/errors.ts';
import type { Receipt, Rejection } from '../subgraph.ts';

/** A receipt of nothing; the neutral element of `addReceipts`. */
export const EMPTY_RECEIPT: Receipt = { accepted: 0, repeated: 0, rejected: [] };

/** The receipt of two batches, of which the second begins at `offset` events. */
export function addReceipts(first: Receipt, second: Receipt, offset: number): Receipt {
  return {
    accepted: first.accepted + second.accepted,
    repeated: first.repeated + second.repeated,
    rejected: [...first.rejected, ...second.rejected.map((each) => ({ ...each, index: each.index + offset }))],
  };
}

/** Says why the event at `index` is not taken. */
export function rejectEvent(index: number, code: ErrorCode, field: string | null, message: string): Rejection {
  return { index, code, field, message };
}
