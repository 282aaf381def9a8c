import { beforeAll, describe, expect, it } from 'vitest';
import { toId, toNameId } from '../kit/graph/id.ts';
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

describe('a team that only a show names', () => {
  const { open } = createStores('LMDB', null);

  it('is found by its name as by its id, with what it makes', async () => {
    const rig = createRig(await open(allCollections));
    await rig.send('show', [{ source: '/catalogue', id: '1', namespace: 'a-publisher', title: 'A Show', team: 'Writers' }]);
    const TEAM = '{ id name registered shows { nodes { title } } }';
    const team = { id: toNameId('Team', 'Writers'), name: 'Writers', registered: false, shows: { nodes: [{ title: 'A Show' }] } };
    const { data } = await rig.ask(`query ($id: ID!) { byName: team(name: "Writers") ${TEAM} byId: team(id: $id) ${TEAM} teams(origin: ANY) { totalCount } }`, { id: team.id });
    expect(data).toEqual({ byName: team, byId: team, teams: { totalCount: 0 } });
  });
});

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
