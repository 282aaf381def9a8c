import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ask, startTest } from '../gateway/test-gateway.ts';
import { describeOnEachStore } from '../kit/store/test-stores.ts';
import { subgraphs } from '../subgraphs/index.ts';

const NOW = Date.parse('2024-06-01T00:00:00Z');
const survey = { namespace: 'o', name: 'n', edition: '2024' };
const DATA: readonly (readonly [type: string, data: Readonly<Record<string, unknown>>])[] = [
  ['loopgraph.show', { namespace: 'o', title: 'A', team: 'readers' }],
  ['loopgraph.show', { namespace: 'o', title: 'A', team: 'writers' }],
  ['loopgraph.playback-session', { namespace: 'o', startedAt: '2024-05-01T10:00:00Z', watchedMs: 60_000, show: { title: 'A' }, user: 'ann' }],
  ['loopgraph.playback-session', { namespace: 'o', startedAt: '2024-05-02T10:00:00Z', watchedMs: 30_000, show: { title: 'A' }, user: 'bob' }],
  ['loopgraph.published-report', { namespace: 'o', report: 'R', title: 'A', period: { from: '2024-05-01', to: '2024-05-08' }, hoursViewed: 7, publishedAt: '2024-05-09T00:00:00Z' }],
  ['loopgraph.team', { name: 'readers', memberCount: 3, at: '2024-05-01T00:00:00Z' }],
  ['loopgraph.survey', { ...survey, whole: true, questions: [{ id: 'q', text: 'Q', kind: 'SINGLE_CHOICE', options: ['yes', 'no'] }] }],
  ...[1, 2, 3, 4, 5].map((n) => ['loopgraph.survey-response', { survey, responseId: `${n}`, answeredAt: '2024-05-01T00:00:00Z', answers: [{ question: 'q', value: n % 2 ? 'yes' : 'no' }] }] as const),
  ['com.example.change', { what: 'a' }],
  ['com.example.change', { what: 'b', mail: 'ann@example.org' }],
  ['com.example.other', { what: 'c' }],
];
const EVENTS = DATA.map(([type, data], index) => ({ specversion: '1.0', id: `${index}`, source: '/order', type, time: `2024-05-${10 + index}T00:00:00Z`, data }));

const WINDOW = 'window: { from: "2024-05-01", to: "2024-05-08" }';
const QUESTION = `{
  shows(namespace: "o") { nodes { id title team { name registered } viewing(${WINDOW}) { whole { sessions hoursViewed viewers } } publishedViewing(${WINDOW}) { points { hoursViewed } } } }
  surveys { nodes { id responses questions { id } feedback { nodes { n } } } }
  teams { nodes { id name memberCount } }
  eventTypes { nodes { type count } }
  unclaimedEvents { nodes { id type event } }
  refusals { totalCount }
}`;

/** How one part of the events goes: as a batch, or each by itself, structured or binary. */
type Mode = 'batch' | 'structured' | 'binary';
interface Part {
  readonly mode: Mode;
  readonly events: readonly (typeof EVENTS)[number][];
}

/** The same answer with what is listed by the time of receipt in the order of ids. */
function sortUnclaimed(answer: string): unknown {
  const { data } = JSON.parse(answer) as { data: { unclaimedEvents: { nodes: { id: string }[] } } };
  return { ...data, unclaimedEvents: data.unclaimedEvents.nodes.toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
}

/** A list by the time of receipt, a page of one at a time. */
async function walkUnclaimed(address: string): Promise<{ readonly type: string; readonly receivedAt: string }[]> {
  const found: { readonly type: string; readonly receivedAt: string }[] = [];
  for (let after: string | null = null; ; ) {
    const { body } = await ask(`${address}/graphql`, { query: 'query ($after: String) { unclaimedEvents(first: 1, after: $after) { nodes { type receivedAt } pageInfo { endCursor hasNextPage } } }', variables: { after } });
    const page = (body as { data: { unclaimedEvents: { nodes: typeof found; pageInfo: { endCursor: string; hasNextPage: boolean } } } }).data.unclaimedEvents;
    found.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return found;
    after = page.pageInfo.endCursor;
  }
}

await describeOnEachStore('CloudEvents', ({ newLocation }) => {
  const read = async (parts: readonly Part[], now: () => number = () => NOW, look: (address: string) => Promise<void> = async () => {}): Promise<string> => {
    const running = await startTest({ STORE: newLocation(), PSEUDONYM_KEY: 'a key of thirty-two characters or more' }, { subgraphs, now });
    try {
      const url = `${running.address}/events`;
      const sent = parts.map(async ({ mode, events }) => {
        if (mode === 'batch') return [await ask(url, events, { 'content-type': 'application/cloudevents-batch+json' })];
        return Promise.all(
          events.map((event) => {
            if (mode === 'structured') return ask(url, event, { 'content-type': 'application/cloudevents+json' });
            const { data, ...attributes } = event;
            return ask(url, data, Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, encodeURIComponent(value)])));
          }),
        );
      });
      for (const { status, body } of (await Promise.all(sent)).flat()) expect([status, body]).toEqual([expect.toBeOneOf([200, 201]), expect.anything()]);
      const { body } = await ask(`${running.address}/graphql`, { query: QUESTION });
      expect(body).not.toHaveProperty('errors');
      await look(running.address);
      expect(running.failures.count()).toBe(0);
      return JSON.stringify(body);
    } finally {
      await running.close();
    }
  };

  it('give the same answers in any order, with repeats, in any parts and modes, sent together', async () => {
    const expected = await read([{ mode: 'batch', events: EVENTS }]);
    expect(expected).toContain('"hoursViewed":0.025');
    expect(expected).toContain('{"type":"com.example.change","count":2}');
    const part = fc.record({ mode: fc.constantFrom<Mode>('batch', 'structured', 'binary'), size: fc.integer({ min: 1, max: 8 }) });
    const order = fc.shuffledSubarray([...EVENTS, ...EVENTS], { minLength: 2 * EVENTS.length });
    await fc.assert(
      fc.asyncProperty(order, fc.array(part, { minLength: 5, maxLength: 5 }), async (events, sizes) => {
        let at = 0;
        const parts = sizes.map(({ mode, size }) => ({ mode, events: events.slice(at, (at += size)) }));
        expect(await read([...parts, { mode: 'batch', events: events.slice(at) }])).toBe(expected);
      }),
      { numRuns: 3 },
    );
  });

  it('give the same answers whatever the clock does meanwhile, and lists by the time of receipt keep their order and miss nothing', async () => {
    const expected = await read([{ mode: 'batch', events: EVENTS }]);
    const jumps = fc.array(fc.integer({ min: -5, max: 300 }), { minLength: 2, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(jumps, async (days) => {
        let asked = 0;
        const now = (): number => NOW + (days[asked++ % days.length] as number) * 86_400_000 + asked;
        const twice = [...EVENTS, ...EVENTS].map((event): Part => ({ mode: 'structured', events: [event] }));
        const answer = await read(twice, now, async (address) => {
          const listed = await walkUnclaimed(address);
          expect(listed.map(({ type }) => type).toSorted()).toEqual(['com.example.change', 'com.example.change', 'com.example.other']);
          const times = listed.map(({ receivedAt }) => receivedAt);
          expect([times.toSorted(), times.toSorted().toReversed()]).toContainEqual(times);
        });
        expect(sortUnclaimed(answer)).toEqual(sortUnclaimed(expected));
      }),
      { numRuns: 2 },
    );
  });
});
