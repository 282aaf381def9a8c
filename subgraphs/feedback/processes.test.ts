import { describe, expect, it } from 'vitest';
import { overtake } from '../../kit/store/test-interleaved.ts';
import { createStores, findTestMongodb } from '../../kit/store/test-stores.ts';
import { createHarness, declare, feedbackOf, respond, upTo } from './fixtures.ts';
import { feedback } from './index.ts';

const { uri, reason, neverSkip } = await findTestMongodb();
if (uri === null && neverSkip) throw new Error(`There is no MongoDB server: ${reason}`);

describe.skipIf(uri === null)(`two processes on one database${reason === null ? '' : ` (${reason})`}`, () => {
  const { open, newLocation } = createStores('MongoDB', uri);
  const [scale, ...rest] = declare().questions;
  if (scale === undefined) throw new Error('expected a question with a scale');
  const narrow = declare({ at: '2024-01-02T00:00:00Z', questions: [{ ...scale, scale: { min: 1, max: 4 } }, ...rest] });
  /** Answers about a team, of which those of 5 are off the narrow scale. */
  const answers = upTo(12).map((number) => respond(number, { content: 4 + (number % 2), tools: ['SQL'] }, { team: 'a', answeredAt: '2024-01-03T00:00:00Z' }));

  // Answers of an edition that has none yet share no document with a declaration that changes how they count.
  it.each([
    ['a declaration comes between the reads and the write of the first answers', 'survey-response', answers, 'survey', [narrow]],
    ['the first answers come between the reads and the write of a declaration', 'survey', [narrow], 'survey-response', answers],
  ])('leave what one leaves where %s', async (_, kind, events, otherKind, others) => {
    const at = newLocation();
    const [alone, first, second] = await Promise.all([open(feedback.collections), open(feedback.collections, { at }), open(feedback.collections, { at })]);
    const harness = createHarness(alone);
    await harness.send('survey', [declare({ at: '2024-01-01T00:00:00Z' }), narrow]);
    await harness.send('survey-response', answers);
    await createHarness(first).send('survey', [declare({ at: '2024-01-01T00:00:00Z' })]);
    await createHarness(overtake(first, () => createHarness(second).send(otherKind, others))).send(kind, events);
    for (const about of ['ALL', 'TEAM']) expect(await feedbackOf(createHarness(second), about)).toEqual(await feedbackOf(harness, about));
    expect((await feedbackOf(harness))[0]?.satisfaction).toMatchObject({ n: 6, offScale: 6 });
  });
});
