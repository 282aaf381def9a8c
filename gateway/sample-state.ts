import { randomBytes } from 'node:crypto';
import { defineCollection } from '../kit/store/port.ts';
import type { AnyCollection, Store } from '../kit/store/port.ts';

interface MarkDocument {
  readonly id: 'sample' | 'probe';
  /** `loading` stays where the process was stopped in the middle: loading again is then safe, since nothing counts twice. */
  readonly state: 'loading' | 'loaded';
  readonly padding?: string;
}

/** What the gateway itself remembers in the store. */
export const gatewayMarks = defineCollection<MarkDocument>('gateway.marks', {});

async function isEmpty(store: Store, collections: readonly AnyCollection[]): Promise<boolean> {
  for (const { indexes } of collections) {
    for (const index of indexes) if ((await store.scan(index, { limit: 1 })).length > 0) return false;
  }
  return true;
}

/** True where the sample is to be loaded: nothing is in the store, or an earlier load did not come to its end. */
export async function needsSample(store: Store, collections: readonly AnyCollection[]): Promise<boolean> {
  const [mark] = await store.get(gatewayMarks, ['sample']);
  return mark ? mark.state === 'loading' : isEmpty(store, collections);
}

/** Remembers how far the sample is. */
export async function markSample(store: Store, state: MarkDocument['state']): Promise<void> {
  await store.commit(async (transaction) => transaction.put(gatewayMarks, { id: 'sample', state }));
}

/** As much as a batch of events may need, in bytes; drawn, since the store would make nothing of a million equal ones. */
const PROBE_SIZE = 1_000_000;

/** Writes as much as events need and takes it back, so that it shows whether the store has room. */
export async function markProbe(store: Store): Promise<void> {
  await store.commit(async (transaction) => transaction.put(gatewayMarks, { id: 'probe', state: 'loading', padding: randomBytes(PROBE_SIZE / 2).toString('hex') }));
  await store.commit(async (transaction) => transaction.put(gatewayMarks, { id: 'probe', state: 'loaded' }));
}
