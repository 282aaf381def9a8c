import { addReceipts, EMPTY_RECEIPT, rejectEvent } from '../../kit/ingest/receipt.ts';
import type { Rejection } from '../../kit/subgraph.ts';
import { emittableSources, type Caller } from '../identity/caller.ts';
import type { Ingest } from './ingest.ts';

const textAt = (value: unknown, ...path: readonly string[]): string | null => {
  const found = path.reduce<unknown>((at, name) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined), value);
  return typeof found === 'string' ? found : null;
};

/** Whose event it is: its `source`, else the namespace of the job, dataset or survey that it is about, else its own. */
function sourceOf(event: unknown): string | null {
  return (
    textAt(event, 'source') ?? textAt(event, 'job', 'namespace') ?? textAt(event, 'dataset', 'namespace') ?? textAt(event, 'survey', 'namespace') ?? textAt(event, 'namespace')
  );
}

/** The ingest for a caller: events of a source for which it may not emit are refused, one by one. */
export function ingestFor(ingest: Ingest, caller: Caller): Ingest {
  const sources = emittableSources(caller);
  if (sources === null) return ingest;
  const send: Ingest['send'] = async (kind, events, receiver) => {
    const places: number[] = [];
    const refused: Rejection[] = [];
    for (const [index, event] of events.entries()) {
      const source = sourceOf(event);
      if (source !== null && sources.has(source)) places.push(index);
      else refused.push(rejectEvent(index, 'SOURCE_NOT_ALLOWED', null, `expected an event of ${[...sources].join(' or ')}, for which ${caller.name} may emit, got one of ${source ?? 'no source'}`));
    }
    const taken = await ingest.send(kind, places.map((index) => events[index]), receiver);
    const rejected = taken.rejected.map((each) => ({ ...each, index: places[each.index] ?? each.index }));
    const { rejected: all, ...counts } = addReceipts({ ...taken, rejected }, { ...EMPTY_RECEIPT, rejected: refused }, 0);
    return { ...counts, rejected: all.toSorted((a, b) => a.index - b.index) };
  };
  return { ...ingest, send };
}
