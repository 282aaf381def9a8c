import type { Store } from '../store/port.ts';
import type { TestStores } from '../store/test-stores.ts';
import type { Subgraph } from '../subgraph.ts';
import { rebuild } from './rebuild.ts';

/** What differs between a subgraph's stored documents and those computed anew from its kept events, a line each; for tests. */
export async function differencesOf(subgraph: Subgraph, store: Store, open: TestStores['open']): Promise<string[]> {
  const computed = await open(subgraph.collections);
  const lines: string[] = [];
  await rebuild(subgraph, store, computed, {
    onDifference: ({ collection, id, kept, computed: other, fields }) =>
      lines.push(`${collection.name} ${id}: ${kept === null ? 'missing' : other === null ? 'too much' : fields.join(', ')} ${JSON.stringify([kept, other])}`),
  });
  await computed.close();
  return lines;
}
