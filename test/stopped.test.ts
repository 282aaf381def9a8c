import { beforeAll, describe, expect, it } from 'vitest';
import { createStores } from '../kit/store/test-stores.ts';
import type { Store } from '../kit/store/port.ts';
import { SIZES, createStudio, loadStudio } from '../sample/index.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { LINKED, LINKED_VARIABLES } from './linked-question.ts';
import { allCollections, createRig } from './rig.ts';

const ROOTS = `{
  shows(origin: SIMULATED, first: 1) { nodes { title } }
  jobs(origin: SIMULATED, first: 1) { nodes { name } }
  teams(origin: SIMULATED, first: 1) { nodes { name } }
  refusals(first: 1) { nodes { code } }
}`;
/** The root field of ROOTS that each subgraph answers. */
const OWNED: Readonly<Record<string, string>> = { viewing: 'shows', platform: 'jobs', feedback: 'teams', intake: 'refusals' };

describe('a stopped subgraph', () => {
  const { open } = createStores('LMDB', null);
  let store: Store;

  beforeAll(async () => {
    store = await open(allCollections);
    await loadStudio(createStudio({ ...SIZES.small, days: 4 }), createRig(store).send);
  });

  it.each(subgraphs.map(({ name }) => name))('costs its own root fields and no other: %s', async (name) => {
    const whole = await createRig(store).ask(ROOTS);
    const { data, errors } = await createRig(store, [name]).ask(ROOTS);
    const own = OWNED[name] ?? '';
    expect(whole.errors).toBeUndefined();
    expect(data).toEqual({ ...whole.data, [own]: null });
    expect(errors?.map(({ path, extensions }) => [path, extensions['code'], extensions['serviceName']])).toEqual([[[own], 'SUBGRAPH_UNAVAILABLE', name]]);
    expect(JSON.stringify(errors)).not.toContain('http');
  });

  it('leaves what the others say of a linked question', async () => {
    const variables = { ...LINKED_VARIABLES, first: 5 };
    const { data, errors } = await createRig(store, ['feedback']).ask(LINKED, variables);
    const whole = await createRig(store).ask(LINKED, variables);
    const titles = (answer: typeof data): unknown => (answer as { shows: { nodes: { title: string; datasets: { name: string }[] }[] } }).shows.nodes.map(({ title, datasets }) => [title, datasets.map((each) => each.name)]);
    expect(errors?.length).toBeGreaterThan(0);
    expect(titles(data)).toEqual(titles(whole.data));
  });
});
