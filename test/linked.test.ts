import { beforeAll, expect, it } from 'vitest';
import type { Store } from '../kit/store/port.ts';
import { describeOnEachStore } from '../kit/store/test-stores.ts';
import { SIZES, createStudio, loadStudio } from '../sample/index.ts';
import { LINKED, LINKED_VARIABLES } from './linked-question.ts';
import { allCollections, createRig, type Rig } from './rig.ts';

interface LinkedAnswer {
  readonly shows: { readonly nodes: readonly { readonly datasets: readonly { readonly writers: readonly unknown[] }[] }[] };
}

await describeOnEachStore('a linked question across the three subgraphs', ({ open }) => {
  const sent: string[] = [];
  let store: Store;
  let rig: Rig;

  beforeAll(async () => {
    store = await open(allCollections, { onCommand: (name) => void sent.push(name) });
    rig = createRig(store);
    const { rejected } = await loadStudio(createStudio({ ...SIZES.large, days: 2, sessionsPerDay: 500, adHocRunsPerDay: 50 }), rig.send);
    expect(rejected).toEqual([]);
  });

  it('costs the same requests to subgraphs and the same store commands for 10 shows and for 1,000', async () => {
    const costs = [];
    for (const first of [10, 1_000]) {
      const before = { requests: rig.requests(), commands: store.commands(), sent: sent.length };
      const { data, errors } = await rig.ask(LINKED, { ...LINKED_VARIABLES, first });
      expect(errors).toBeUndefined();
      const { nodes } = (data as unknown as LinkedAnswer).shows;
      expect(nodes).toHaveLength(first);
      expect(nodes.every(({ datasets: [dataset] }) => (dataset?.writers.length ?? 0) > 0)).toBe(true);
      costs.push({
        requests: rig.requests() - before.requests,
        commands: store.commands() - before.commands,
        sent: sent.slice(before.sent).toSorted(),
      });
    }
    expect(costs[1]).toEqual(costs[0]);
    expect(costs[0]?.requests).toBeLessThan(12);
  });
});
