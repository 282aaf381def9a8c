import { readCloudEvent } from '../../importers/cloud-event.ts';
import type { Rejection } from '../../kit/subgraph.ts';
import { Refusal } from '../faults/refusal.ts';
import type { Ingest } from './ingest.ts';

/** Under which a CloudEvent is recorded whose envelope is at fault, so that no kind could be told. */
export const CLOUD_EVENT_KIND = 'cloud-event';

/** What became of CloudEvents. `received = accepted + repeated + failed.length`. */
export interface CloudEventsReceipt {
  readonly received: number;
  readonly accepted: number;
  readonly repeated: number;
  /** Of those taken or repeated, how many are of a type that no subgraph takes. */
  readonly unclaimed: number;
  /** By their places. */
  readonly failed: readonly Rejection[];
}

interface Waiting {
  readonly events: unknown[];
  readonly indexes: number[];
}

/** Fields of an event that stand in the envelope; the others are those of its data. */
const ENVELOPE_FIELDS = new Set(['source', 'id', 'time', 'type']);

const toField = (field: string | null, isClaimed: boolean): string | null =>
  !isClaimed || (field !== null && ENVELOPE_FIELDS.has(field)) ? field : field === null ? 'data' : `data.${field}`;

/**
 * Brings CloudEvents in their JSON form to the owners of their types; the others are kept as unclaimed. What fails is recorded.
 * @throws Refusal 503 and StoreError where an owner cannot take events now: then some may have been taken, and sending all again
 * counts nothing twice.
 */
export async function takeCloudEvents(values: readonly unknown[], types: ReadonlyMap<string, string>, ingest: Ingest): Promise<CloudEventsReceipt> {
  const claimed = new Set(types.values());
  const waiting = new Map<string, Waiting>();
  const failed: Rejection[] = [];
  for (const [index, value] of values.entries()) {
    const read = readCloudEvent(value, types);
    if ('rejected' in read) {
      failed.push({ index, ...read.rejected });
      continue;
    }
    const own = waiting.get(read.kind) ?? { events: [], indexes: [] };
    waiting.set(read.kind, own);
    own.events.push(read.event);
    own.indexes.push(index);
  }
  await ingest.record(failed.map(({ index, code, field, message }) => ({ receiver: 'CLOUDEVENTS', kind: CLOUD_EVENT_KIND, code, field, message, came: { event: values[index] } })));
  let accepted = 0;
  let repeated = 0;
  let unclaimed = 0;
  for (const [kind, { events, indexes }] of waiting) {
    try {
      const receipt = await ingest.send(kind, events, 'CLOUDEVENTS');
      accepted += receipt.accepted;
      repeated += receipt.repeated;
      if (!claimed.has(kind)) unclaimed += receipt.accepted + receipt.repeated;
      for (const each of receipt.rejected) failed.push({ ...each, index: indexes[each.index] ?? 0, field: toField(each.field, claimed.has(kind)) });
    } catch (error) {
      // Nobody here takes this kind; the others are not held up by it.
      if (!(error instanceof Refusal) || error.status !== 400) throw error;
      for (const index of indexes) failed.push({ index, code: error.code, field: 'type', message: error.message });
    }
  }
  return { received: values.length, accepted, repeated, unclaimed, failed: failed.sort((a, b) => a.index - b.index) };
}
