import { defineCollection } from '../kit/store/port.ts';
import type { AnyCollection, Store } from '../kit/store/port.ts';

interface MarkDocument {
  readonly id: 'sample';
  /** `loading` stays where the process was stopped in the middle: loading again is then safe, since nothing counts twice. */
  readonly state: 'loading' | 'loaded';
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
