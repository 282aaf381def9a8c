import fc from 'fast-check';
import { expect, it } from 'vitest';
import { differencesOf } from '../../kit/rebuild/test-rebuild.ts';
import { describeOnEachStore } from '../../kit/store/test-stores.ts';
import type { ResponseEvent, TeamEvent } from './events.ts';
import { createHarness, declare, type Harness, key, respond } from './fixtures.ts';
import { cells, feedbacks } from './documents.ts';
import { feedback } from './index.ts';
import { surveyIdOf } from './ingest.ts';

type Sent = readonly [kind: string, event: unknown];

const response = fc
  .record({
    number: fc.nat({ max: 12 }),
    version: fc.nat({ max: 3 }),
    content: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant('none')),
    promote: fc.option(fc.integer({ min: 0, max: 10 })),
    tools: fc.subarray(['SQL', 'Python', 'Perl']),
    team: fc.option(fc.constantFrom('a', 'b')),
    user: fc.option(fc.constantFrom('ann', 'bob')),
  })
  .map(({ number, version, content, promote, tools, team, user }): Sent => {
    // Versions of one answer have different times; the order of those that have none is the order in which they come.
    const answeredAt = new Date(Date.UTC(2024, 0, 1 + version, number)).toISOString();
    const answers = { content, tools, ...(promote === null ? {} : { promote }) };
    return ['survey-response', respond(number, answers, { answeredAt, team, user })];
  });

const declaration = fc
  .record({ max: fc.constantFrom(4, 5), invited: fc.option(fc.nat({ max: 50 })), openedOn: fc.option(fc.constantFrom('2023-12-01', '2023-12-02')) })
  .map(({ max, ...over }): Sent => {
    const [content, ...rest] = declare().questions;
    return ['survey', declare({ ...over, questions: content ? [{ ...content, scale: { min: 1, max } }, ...rest] : [] })];
  });

const team = fc
  .record({ id: fc.nat({ max: 4 }), name: fc.constantFrom('a', 'b'), members: fc.subarray(['ann', 'bob', 'eve']) })
  .map(({ id, name, members }): Sent => {
    // The content follows from the identity, as it does for an honest source.
    const event: TeamEvent = { source: 'people', id: `${name}${id}${members.join('')}`, name, memberCount: id, members };
    return ['team', event];
  });

/** Sends events in runs of one kind, cut at random into batches. */
async function sendAll(harness: Harness, events: readonly Sent[], sizes: readonly number[]): Promise<void> {
  let place = 0;
  for (let turn = 0; place < events.length; turn += 1) {
    const [kind] = events[place] ?? [''];
    const end = place + (sizes[turn % sizes.length] ?? 1);
    const batch = [];
    while (place < Math.min(end, events.length) && events[place]?.[0] === kind) batch.push(events[place++]?.[1]);
    await harness.send(kind, batch);
  }
}

/** All that can be asked, once the edition is whole. */
async function readAll(harness: Harness, survey: string): Promise<unknown> {
  const [stored, subjects] = await Promise.all([
    harness.store.scan(cells.bySurvey, { prefix: [survey], limit: 10_000 }),
    harness.store.scan(feedbacks.bySurvey, { prefix: [survey], limit: 10_000 }),
  ]);
  const asked = await harness.ask(
    `query ($id: ID!) {
      teams { nodes { name registered memberCount members { nodes { id } } feedback { id n } } }
      survey(id: $id) { responses invited openedOn questions { id scaleMax options } feedback(about: TEAM) { nodes { team { name } n scores { n mean nps withheld { code } shares { answer count } } } } }
    }`,
    { id: survey },
  );
  const counted = stored.filter(({ document }) => document.live.n + document.live.offScale > 0);
  return { asked, cells: counted.map(({ document }) => [document.id, document.live]).toSorted(), subjects: subjects.map(({ document }) => [document.id, document.n, document.order]) };
}

await describeOnEachStore('any order, repeats and batches of what people sent', ({ open, name }) => {
  it('give the same numbers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ arbitrary: response, weight: 8 }, declaration, team), { minLength: 1, maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        fc.infiniteStream(fc.nat()),
        async (events, sizes, random) => {
          // One version has one content: of two with equal times the later would count, whatever the order.
          const distinct = [...new Map(events.map((sent) => [identityOf(sent), sent])).values()];
          const repeats = distinct.filter((_, place) => place % 3 === 0);
          const shuffled = [...distinct, ...repeats]
            .map((sent) => [random.next().value as number, sent] as const)
            .toSorted(([a], [b]) => a - b)
            .map(([, sent]) => sent);
          const answers = [];
          for (const [turn, order] of [distinct, shuffled].entries()) {
            const store = await open(feedback.collections);
            const harness = createHarness(store);
            await sendAll(harness, [...order, ['survey', declare()]], turn === 0 ? [50] : sizes);
            answers.push(await readAll(harness, surveyIdOf(key)));
            expect(await differencesOf(feedback, store, open)).toEqual([]);
            await store.close();
          }
          expect(answers[1]).toEqual(answers[0]);
        },
      ),
      { numRuns: name === 'LMDB' ? 15 : 4 },
    );
  });
});

function identityOf([kind, event]: Sent): string {
  if (kind !== 'survey-response') return JSON.stringify(event);
  const { responseId, answeredAt } = event as ResponseEvent;
  return `${responseId}|${answeredAt}`;
}
