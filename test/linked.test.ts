import { beforeAll, expect, it } from 'vitest';
import type { Store } from '../kit/store/port.ts';
import { describeOnEachStore } from '../kit/store/test-stores.ts';
import { SIZES, createStudio, loadStudio } from '../sample/index.ts';
import { allCollections, createRig, type Rig } from './rig.ts';

/** From shows to the jobs that measured them, the teams they ran for, what those teams say, and back to their other runs. */
const LINKED = /* GraphQL */ `
  query Linked($first: Int!, $window: Window!) {
    shows(origin: SIMULATED, first: $first) {
      nodes {
        title
        viewing(window: $window) { whole { sessions hoursViewed } }
        datasets {
          name
          writers {
            name
            latestRun {
              state
              team {
                basis
                team {
                  name
                  registered
                  feedback(first: 2) { about n survey { edition } satisfaction { n mean } }
                  runs(first: 3) { nodes { state startedAt job { name } } }
                  platformUse(window: $window) { whole { runsStarted runHours } }
                }
              }
            }
          }
        }
      }
    }
  }
`;

interface LinkedAnswer {
  readonly shows: { readonly nodes: readonly { readonly datasets: readonly { readonly writers: readonly unknown[] }[] }[] };
}

await describeOnEachStore('a linked question across the three subgraphs', ({ open }) => {
  const sent: string[] = [];
  let store: Store;
  let rig: Rig;
  const variables = { window: { from: '2026-01-05', to: '2026-01-09' } };

  beforeAll(async () => {
    store = await open(allCollections, { onCommand: (name) => void sent.push(name) });
    rig = createRig(store);
    const { rejected } = await loadStudio(createStudio({ ...SIZES.large, sessionsPerDay: 2_000 }), rig.send);
    expect(rejected).toEqual([]);
  });

  it('costs the same requests to subgraphs and the same store commands for 10 shows and for 1,000', async () => {
    const costs = [];
    for (const first of [10, 1_000]) {
      const before = { requests: rig.requests(), commands: store.commands(), sent: sent.length };
      const { data, errors } = await rig.ask(LINKED, { ...variables, first });
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
