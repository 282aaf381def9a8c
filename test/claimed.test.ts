import { beforeAll, describe, expect, it } from 'vitest';
import { toId } from '../kit/graph/id.ts';
import { createStores } from '../kit/store/test-stores.ts';
import { allCollections, createRig, type Rig } from './rig.ts';

const DATASET = { namespace: 'a-publisher', name: 'report.csv' };

/** A report of a show whose dataset no job was ever seen to write. */
const REPORT = {
  report: 'a report',
  namespace: 'a-publisher',
  title: 'A Show',
  kind: 'SERIES',
  period: { from: '2023-01-01', to: '2023-07-01' },
  hoursViewed: 1_200_000,
  dataset: DATASET,
};

const WHERE = `{ shows(namespace: "a-publisher") { nodes {
  datasets { namespace name origin writers { name } freshness { stale } }
  publishedViewing(window: { from: "2023-01-01", to: "2023-07-01", granularity: WHOLE }) {
    points { hoursViewed dataset { namespace name columns { name } writers { name } incidents { nodes { id } } } partition { fromOn firstRun { id } } }
  }
} } }`;

describe('a dataset that only a report names', () => {
  const { open } = createStores('LMDB', null);
  let rig: Rig;

  beforeAll(async () => {
    rig = createRig(await open(allCollections));
    expect(await rig.send('published-report', [REPORT])).toEqual({ accepted: 1, repeated: 0, rejected: [] });
  });

  it('has its names, and nothing that wrote it', async () => {
    const { data, errors } = await rig.ask(WHERE);
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      shows: {
        nodes: [
          {
            datasets: [{ ...DATASET, origin: 'RECORDED', writers: [], freshness: { stale: null } }],
            publishedViewing: {
              points: [
                {
                  hoursViewed: 1_200_000,
                  dataset: { ...DATASET, columns: [], writers: [], incidents: { nodes: [] } },
                  partition: { fromOn: '2023-01-01', firstRun: null },
                },
              ],
            },
          },
        ],
      },
    });
  });

  it('is not found by who asks the platform for it', async () => {
    const id = toId('Dataset', DATASET.namespace, DATASET.name);
    const { data } = await rig.ask(`query ($id: ID!) { dataset(id: $id) { name } datasets { nodes { name } } }`, { id });
    expect(data).toEqual({ dataset: null, datasets: { nodes: [] } });
  });
});
