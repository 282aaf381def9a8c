import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeOnEachStore } from '../../kit/store/test-stores.ts';
import { attribute, claimOf } from './attribution.ts';
import { parseRules, rules } from './attribution-rules.ts';
import { collections, createDesk, toRunEvent } from './fixtures.ts';

const AT = '2024-03-01T00:00:00Z';

/** One run of a made-up forest: what it names as parent and root (perhaps nothing that ever comes), and whether it says a team. */
interface Member {
  readonly parent: number | null;
  readonly root: number | null;
  readonly team: string | null;
}

const toEvent = ({ parent, root, team }: Member, place: number): unknown =>
  toRunEvent({
    run: `run ${place}`, at: AT, type: 'START',
    runFacets: parent === null ? {} : { parent: { run: { runId: `run ${parent}` }, ...(root === null ? {} : { root: { run: { runId: `run ${root}` } } }) } },
    jobFacets: team === null ? {} : { ownership: { owners: [{ name: `team:${team}` }] } },
  });

/** The team of a member by walking the plain list: its own, the nearest ancestor's, that of the first root named on the way. */
function teamOf(forest: readonly Member[], place: number): string | null {
  const line: number[] = [];
  for (let next: number | null = place; next !== null && !line.includes(next) && forest[next] !== undefined; next = forest[next]?.parent ?? null) {
    line.push(next);
    const team = forest[next]?.team ?? null;
    if (team !== null) return team;
  }
  const roots = line.map((each) => (forest[each]?.parent === null ? null : (forest[each]?.root ?? null)));
  return roots.map((root) => (root === null ? null : (forest[root]?.team ?? null))).find((team) => team !== null) ?? null;
}

const SIZE = 9;
const member: fc.Arbitrary<Member> = fc.record({
  parent: fc.option(fc.integer({ min: 0, max: SIZE })),
  root: fc.option(fc.integer({ min: 0, max: SIZE })),
  team: fc.option(fc.constantFrom('ads', 'search'), { freq: 2 }),
});

interface Answer {
  readonly runs: { readonly nodes: readonly { readonly runId: string; readonly team: { readonly claimedName: string | null; readonly basis: string | null; readonly rule: string | null } }[] };
}

await describeOnEachStore('teams of families', ({ name, open }) => {
  it('are those that a plain walk gives, in whatever order parents, children and roots come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(member, { minLength: SIZE, maxLength: SIZE }), fc.shuffledSubarray(Array.from({ length: SIZE }, (_, place) => place), { minLength: SIZE }), fc.integer({ min: 1, max: SIZE }), async (forest, order, cut) => {
        const store = await open(collections);
        const desk = createDesk(store);
        const events = forest.map(toEvent);
        for (let from = 0; from < SIZE; from += cut) await desk.send('openlineage', order.slice(from, from + cut).map((place) => events[place]));
        const { runs } = await desk.ask<Answer>('{ runs(first: 100) { nodes { runId team { claimedName } } } }');
        expect(Object.fromEntries(runs.nodes.map(({ runId, team }) => [runId, team.claimedName]))).toEqual(Object.fromEntries(forest.map((_, place) => [`run ${place}`, teamOf(forest, place)])));
        await store.close();
      }),
      { numRuns: name === 'LMDB' ? 40 : 4 },
    );
  });

  it('reach down a tree of 90 levels when its top comes last, and are counted there', async () => {
    const desk = createDesk(await open(collections));
    const depth = 90;
    const tree = Array.from({ length: depth }, (_, place): Member => ({ parent: place === 0 ? null : place - 1, root: null, team: place === 0 ? 'late' : null }));
    await desk.send('openlineage', tree.map(toEvent).slice(1).toReversed());
    await desk.send('openlineage', tree.map(toEvent).slice(0, 1));
    const { runs } = await desk.ask<Answer>('{ runs(first: 200) { nodes { runId team { claimedName basis rule } } } }');
    expect(runs.nodes.length).toBe(depth);
    expect(new Set(runs.nodes.map(({ runId, team }) => `${team.claimedName} ${runId === 'run 0' ? 'own' : team.basis} ${team.rule}`))).toEqual(new Set(['late own owners.form', 'late PARENT owners.form']));
    const { platformUse } = await desk.ask<{ platformUse: { attributed: unknown; unattributed: unknown } }>(
      '{ platformUse(window: { from: "2024-03-01", to: "2024-03-02", granularity: WHOLE }) { attributed { whole { runsStarted } } unattributed { whole { runsStarted } } } }',
    );
    expect(platformUse).toEqual({ attributed: { whole: { runsStarted: depth } }, unattributed: { whole: { runsStarted: null } } });
  });
});

describe('the file of rules', () => {
  const owners = (...list: { name: string; type: string | null }[]) => ({ run: [], outputs: [], jobFacets: [['ownership', 'stamp', list] as const] });

  it('says which of several owners is taken', () => {
    const two = owners({ name: 'plain', type: null }, { name: '@formed', type: null }, { name: 'typed', type: 'team' });
    expect(claimOf(two)).toMatchObject({ team: 'typed', rule: 'owners.type' });
    expect(claimOf(two, { ...rules, owners: { ...rules.owners, precedence: ['plain', 'form'] } })).toMatchObject({ team: 'plain', rule: 'owners.plain' });
    expect(claimOf(owners({ name: 'jo', type: null }), { ...rules, owners: { ...rules.owners, precedence: ['type', 'form'] } })).toBeNull();
    expect(claimOf(owners({ name: 'cron', type: null }), { ...rules, names: { ...rules.names, nobody: ['cron'] } })).toBeNull();
  });

  it('says which names of jobs hold a team', () => {
    const run = { id: 'a', runId: 'a', claim: null, parentId: null, rootId: null };
    expect(attribute(run, { namespace: 'Teams/search', name: 'j' }, () => null)).toEqual({ team: 'search', basis: 'RULE', evidence: 'job namespace Teams/search', rule: 'patterns.0' });
    expect(attribute(run, { namespace: 'team://host', name: 'j' }, () => null)).toBeNull();
  });

  it('is refused with each part that cannot be read', () => {
    const text = 'run: []\nnames: { prefixes: team, sigils: [], nobody: [] }\nowners: { teamTypes: [], personTypes: [], precedence: [age], ofOutputs: true }\ntags: { keys: [], flags: [] }\npatterns: [{ field: name, match: "(" }, { field: name, match: x }]\nmore: 1';
    expect(() => parseRules(text, 'rules.yaml')).toThrow(/^rules\.yaml cannot be read: .*names\.prefixes.*owners\.precedence\.0.*patterns\.0\.match.*patterns\.1\.match.*more/s);
  });
});
