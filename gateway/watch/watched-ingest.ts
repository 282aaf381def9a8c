import { isErrorCode } from '../../kit/graph/errors.ts';
import { isJsonObject } from '../../kit/ingest/json-object.ts';
import { parseInstant } from '../../kit/ingest/time.ts';
import { StoreError } from '../../kit/store/port.ts';
import type { Receipt, Subgraph } from '../../kit/subgraph.ts';
import { Refusal } from '../faults/refusal.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { Metrics } from './metrics.ts';
import { currentTally } from './tally.ts';

/** Stands for a kind or a code that is in no declared list, so that nobody's text becomes a label. */
const UNKNOWN = 'unknown';

const toCode = (code: string): string => (isErrorCode(code) ? code : UNKNOWN);

function codeOf(error: unknown): string {
  if (error instanceof Refusal) return error.code;
  return error instanceof StoreError ? 'STORE_UNAVAILABLE' : 'INTERNAL';
}

export interface WatchedIngestOptions {
  readonly known: readonly Subgraph[];
  readonly metrics: Metrics;
  readonly now: () => number;
}

/** When an event happened, in milliseconds: an instant as text, or milliseconds as players send them; null where it does not say. */
function momentOf(event: unknown, path: readonly string[]): number | null {
  const value = path.reduce<unknown>((at, name) => (isJsonObject(at) ? at[name] : null), event);
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? (parseInstant(value)?.ms ?? null) : null;
}

/** Counts what becomes of events, whichever way they came, and how long after they happened. */
export function watchIngest(ingest: Ingest, { known, metrics, now }: WatchedIngestOptions): Ingest {
  const fields = new Map(known.flatMap(({ receivers, eventTimes }) => Object.keys(receivers).map((kind) => [kind, eventTimes?.[kind]?.split('.') ?? null])));

  const countReceipt = (kind: string, { accepted, repeated, rejected }: Receipt): void => {
    metrics.countEvents(kind, 'accepted', null, accepted);
    metrics.countEvents(kind, 'repeated', null, repeated);
    for (const { code } of rejected) metrics.countEvents(kind, 'rejected', toCode(code), 1);
    const tally = currentTally();
    if (tally === null) return;
    tally.isReceiver = true;
    tally.accepted += accepted;
    tally.repeated += repeated;
    tally.rejected += rejected.length;
  };

  const observeLags = (kind: string, events: readonly unknown[], { rejected }: Receipt, receivedAt: number): void => {
    const path = fields.get(kind) ?? null;
    if (path === null) return;
    const refused = new Set(rejected.map(({ index }) => index));
    for (const [index, event] of events.entries()) {
      if (refused.has(index)) continue;
      const at = momentOf(event, path);
      if (at !== null) metrics.observeLag(kind, receivedAt - at);
    }
  };

  const watch = (send: Ingest['send']): Ingest['send'] => async (given, events, receiver) => {
    const kind = fields.has(given) ? given : UNKNOWN;
    const receivedAt = now();
    try {
      const receipt = await send(given, events, receiver);
      countReceipt(kind, receipt);
      // What is another process's to take counts there.
      if (receipt.accepted + receipt.repeated > 0) observeLags(kind, events, receipt, receivedAt);
      return receipt;
    } catch (error) {
      metrics.countEvents(kind, 'refused', codeOf(error), events.length);
      throw error;
    }
  };

  return { ...ingest, send: watch(ingest.send), sendOwn: watch(ingest.sendOwn) };
}
