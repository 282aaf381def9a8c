import { expect, it, test } from 'vitest';
import { toId, toNameId } from '../../kit/graph/id.ts';
import { describeOnEachStore } from '../../kit/store/test-stores.ts';
import type { SurveyEvent } from './events.ts';
import { createHarness, declare, feedbackOf, FIGURES, key, NOW, respond, upTo } from './fixtures.ts';
import { responses } from './documents.ts';
import { feedback } from './index.ts';
import { subjectsOf, surveyIdOf } from './ingest.ts';

const SURVEY = surveyIdOf(key);

await describeOnEachStore('what people said', ({ open }) => {
  const start = async () => createHarness(await open(feedback.collections));
  const answered = async (over: Partial<SurveyEvent> = {}) => {
    const harness = await start();
    await harness.send('survey', [declare(over)]);
    return harness;
  };

  it('takes a mean from a declared scale and a score from 0 to 10, with their intervals', async () => {
    const harness = await answered({ invited: 20 });
    const receipt = await harness.send('survey-response', [
      ...upTo(6).map((n) => respond(n, { content: 4, promote: 10, tools: ['SQL', 'Perl'] })),
      ...upTo(4).map((n) => respond(n + 6, { content: '2', promote: 3, tools: ['Python'], wish: 'fewer surveys' })),
    ]);
    expect(receipt).toEqual({ accepted: 10, repeated: 0, rejected: [] });
    const [all] = await feedbackOf(harness);
    expect(all).toMatchObject({ about: 'ALL', n: 10, invited: 20, responseRate: 0.5, withheld: null });
    expect(all?.satisfaction).toMatchObject({ n: 10, mean: 3.2, nps: null, selfSelected: false, interval: { method: 'Student t' } });
    // t(9) = 2.262157
    expect(all?.satisfaction?.interval?.lower).toBeCloseTo(3.2 - 2.262157 * Math.sqrt((0.96 * (10 / 9)) / 10), 5);
    expect(all?.recommendation?.nps).toBeCloseTo(20, 10);
    expect(all?.recommendation?.interval?.lower).toBeCloseTo(20 - 100 * 1.959964 * Math.sqrt((1 - 0.04) / 10), 4);
    expect(all?.scores.map((score) => score.question.id)).toEqual(['content', 'promote', 'tools']);
    expect(all?.scores[2]?.shares).toEqual([
      { answer: 'SQL', count: 6, share: 0.6 },
      { answer: 'Python', count: 4, share: 0.4 },
      { answer: null, count: 6, share: 0.6 },
    ]);
  });

  it('says self-selected where nobody counted the invited, and no mean without a scale', async () => {
    const harness = await answered();
    await harness.send('survey-response', upTo(5).map((n) => respond(n, { tools: ['SQL'], content: n })));
    const [all] = await feedbackOf(harness);
    expect(all).toMatchObject({ invited: null, responseRate: null });
    const [content, promote, tools] = all?.scores ?? [];
    // The answer 0 lies off the scale from 1 to 5.
    expect(content).toMatchObject({ n: 4, withheld: { code: 'UNDER_FIVE' }, mean: null, offScale: null, interval: null });
    expect(promote).toMatchObject({ n: 0, withheld: { code: 'UNDER_FIVE' } });
    expect(tools).toMatchObject({ n: 5, mean: null, nps: null, interval: null, selfSelected: true });
    const data = await harness.ask(
      `query ($id: ID!) { survey(id: $id) { feedback { nodes { scores { shares { interval { method } } } } } } }`,
      { id: SURVEY },
    );
    expect(JSON.stringify(data)).toContain('Wilson score, self-selected');
  });

  it('counts how many answers lie off the scale', async () => {
    const harness = await answered();
    await harness.send('survey-response', upTo(7).map((n) => respond(n, { content: n < 5 ? '4 - good' : 'very', promote: 9.5 })));
    const [all] = await feedbackOf(harness);
    expect(all?.satisfaction).toMatchObject({ n: 5, mean: 4, offScale: 2 });
    expect(all?.recommendation).toMatchObject({ n: 0, nps: null });
  });

  it('withholds a team of four and with it the next smallest', async () => {
    const harness = await answered({ invitedByTeam: { big: 10, middle: 8, small: 6 } });
    const teams = [...upTo(9).fill(0).map(() => 'big'), ...upTo(6).map(() => 'middle'), ...upTo(4).map(() => 'small')];
    await harness.send('survey-response', teams.map((team, n) => respond(n, { content: 3 }, { team })));
    const byTeam = new Map((await feedbackOf(harness, 'TEAM')).map((each) => [each.team?.name, each]));
    expect(byTeam.get('big')).toMatchObject({ n: 9, invited: 10, responseRate: 0.9, withheld: null });
    expect(byTeam.get('big')?.satisfaction?.mean).toBe(3);
    expect(byTeam.get('middle')).toMatchObject({ n: 6, withheld: { code: 'NEXT_SMALLEST' } });
    expect(byTeam.get('middle')?.satisfaction).toMatchObject({ mean: null, shares: [], interval: null });
    expect(byTeam.get('small')).toMatchObject({ n: 4, withheld: { code: 'UNDER_FIVE' } });
    const [all] = await feedbackOf(harness);
    expect(all).toMatchObject({ n: 19, invited: 24, withheld: null });
  });

  it('withholds the smallest team where fewer than five named none', async () => {
    const harness = await answered();
    const teams = ['a', 'a', 'a', 'a', 'a', 'b', 'b', 'b', 'b', 'b', 'b', null, null];
    await harness.send('survey-response', teams.map((team, n) => respond(n, { content: 3 }, { team })));
    const found = await feedbackOf(harness, 'TEAM');
    expect(Object.fromEntries(found.map((each) => [each.team?.name, each.withheld?.code]))).toEqual({ a: 'NEXT_SMALLEST', b: undefined });
  });

  it('withholds a question that few of a team answered, and the next smallest for that question', async () => {
    const harness = await answered();
    const events = ['a', 'b', 'c'].flatMap((team, place) =>
      upTo(6 + place).map((n) => respond(`${team}${n}`, { content: 3, ...(team !== 'a' || n < 2 ? { promote: 9 } : {}) }, { team })),
    );
    await harness.send('survey-response', events);
    const scores = (await feedbackOf(harness, 'TEAM')).map(
      (each) => [each.team?.name, each.satisfaction?.withheld?.code, each.recommendation?.withheld?.code] as const,
    );
    expect(scores.toSorted()).toEqual([
      ['a', undefined, 'UNDER_FIVE'],
      ['b', undefined, 'NEXT_SMALLEST'],
      ['c', undefined, undefined],
    ]);
  });

  it('shows an open edition in steps of five answers, and a closed one whole', async () => {
    const harness = await answered({ whole: false, closedOn: '2024-06-10' });
    const shown = async () => (await feedbackOf(harness)).map((each) => [each.n, each.satisfaction?.n, each.satisfaction?.mean]);
    await harness.send('survey-response', upTo(4).map((n) => respond(n, { content: 1 })));
    expect(await shown()).toEqual([[0, 0, null]]);
    await harness.send('survey-response', upTo(8).map((n) => respond(n + 4, { content: n === 0 ? 1 : 4 })));
    expect(await shown()).toEqual([[10, 10, 2.5]]);
    await harness.send('survey-response', [respond(0, { content: 5 }, { answeredAt: '2024-06-01T00:00:01Z' })]);
    expect(await shown()).toEqual([[10, 10, 2.5]]);
    harness.at(Date.UTC(2024, 5, 11));
    const [all] = await feedbackOf(harness);
    expect(all).toMatchObject({ n: 12, satisfaction: { n: 12, mean: (4 + 7 * 4 + 5) / 12 } });
  });

  it('counts the newest version of an answer, and an older one that comes late does not undo it', async () => {
    const harness = await answered();
    await harness.send('survey-response', upTo(5).map((n) => respond(n, { content: 1 }, { answeredAt: '2024-05-02T00:00:00Z', team: 'a' })));
    const newer = respond(0, { content: 5 }, { answeredAt: '2024-05-03T00:00:00Z', team: 'b' });
    const older = respond(0, { content: 3 }, { answeredAt: '2024-05-01T00:00:00Z', team: 'c' });
    expect(await harness.send('survey-response', [newer, older, newer])).toEqual({ accepted: 2, repeated: 1, rejected: [] });
    const [all] = await feedbackOf(harness);
    expect(all).toMatchObject({ n: 5, satisfaction: { mean: 9 / 5 } });
    expect((await feedbackOf(harness, 'TEAM')).map((each) => [each.team?.name, each.n]).toSorted()).toEqual([['a', 4], ['b', 1]]);
  });

  it('takes the later of two versions without a time', async () => {
    const harness = await answered();
    await harness.send('survey-response', upTo(5).map((n) => respond(n, { content: 1 })));
    await harness.send('survey-response', [respond(0, { content: 5 })]);
    await harness.send('survey-response', [respond(0, { content: 1 })]);
    const [all] = await feedbackOf(harness);
    expect(all?.satisfaction?.mean).toBe(9 / 5);
  });

  it('counts equal rows with different ordinals as different people', async () => {
    const harness = await answered();
    const row = (ordinal: number) => ({ ...respond(0, { content: 2 }), responseId: null, row: { hash: 'same', ordinal } });
    expect(await harness.send('survey-response', [0, 1, 2, 3, 4, 4].map(row))).toMatchObject({ accepted: 5, repeated: 1 });
    expect(await feedbackOf(harness)).toMatchObject([{ n: 5 }]);
  });

  it('counts answers that came before the survey was declared', async () => {
    const harness = await start();
    await harness.send('survey-response', upTo(7).map((n) => respond(n, { content: 2, wish: 'secret' }, { team: 'a' })));
    expect(await feedbackOf(harness)).toMatchObject([{ n: 5, scores: [] }]);
    await harness.send('survey', [declare()]);
    expect(await feedbackOf(harness)).toMatchObject([{ n: 7, satisfaction: { n: 7, mean: 2 } }]);
    expect(await feedbackOf(harness, 'TEAM')).toMatchObject([{ n: 7, satisfaction: { mean: 2 } }]);
  });

  it('counts an edition anew where a later declaration changes a scale or adds an option', async () => {
    const harness = await answered();
    await harness.send('survey-response', upTo(6).map((n) => respond(n, { content: 7, tools: ['Perl'] })));
    const [question, promote, tools, wish] = declare().questions;
    if (!question || !promote || !tools || !wish) throw new Error('expected four questions');
    const wider = [{ ...question, scale: { min: 1, max: 7 } }, promote, { ...tools, options: ['Perl'] }, wish];
    await harness.send('survey', [declare({ questions: wider, at: '2024-05-01T00:00:00Z' })]);
    const [all] = await feedbackOf(harness);
    expect(all?.satisfaction).toMatchObject({ n: 6, mean: 7, offScale: 0 });
    expect(all?.scores[2]?.shares).toMatchObject([{ answer: 'Perl', count: 6 }, { answer: 'SQL', count: 0 }, { answer: 'Python', count: 0 }]);
    expect(await harness.send('survey', [declare()])).toEqual({ accepted: 0, repeated: 1, rejected: [] });
  });

  it('hangs feedback from teams, jobs, datasets and shows, the newest edition first', async () => {
    const harness = await start();
    const job = { namespace: 'etl', name: 'nightly' };
    for (const [edition, openedOn] of [['first', '2023-01-01'], ['second', '2024-01-01']] as const) {
      await harness.send('survey', [declare({ edition, openedOn })]);
      const about = { job, dataset: job, show: { namespace: 'etl', title: 'Dark' }, team: 'a', survey: { ...key, edition } };
      await harness.send('survey-response', upTo(5).map((n) => respond(n, { content: 2 }, about)));
    }
    const representations = [
      { __typename: 'Team', name: 'a' },
      { __typename: 'Job', id: toId('Job', 'etl', 'nightly') },
      { __typename: 'Dataset', id: toId('Dataset', 'etl', 'nightly') },
      { __typename: 'Show', id: toId('Show', 'etl', 'Dark', null, null) },
    ];
    const part = 'feedback { about survey { edition } satisfaction { mean } job { id } dataset { id } show { id } }';
    const { _entities: found } = (await harness.ask(
      `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Team { ${part} } ... on Job { ${part} } ... on Dataset { ${part} } ... on Show { ${part} } } }`,
      { of: representations },
    )) as { _entities: { feedback: { about: string; survey: { edition: string } }[] }[] };
    expect(found.map((each) => each.feedback.map(({ about, survey }) => `${about} ${survey.edition}`))).toEqual(
      ['TEAM', 'JOB', 'DATASET', 'SHOW'].map((about) => [`${about} second`, `${about} first`]),
    );
    const { survey } = (await harness.ask('query ($id: ID!) { survey(id: $id) { previousEdition { edition } } }', {
      id: surveyIdOf({ ...key, edition: 'second' }),
    })) as { survey: unknown };
    expect(survey).toEqual({ previousEdition: { edition: 'first' } });
  });

  it('says on which days a closed edition was answered, where answers have times', async () => {
    const harness = await answered({ whole: false, closedOn: '2024-05-30' });
    const ask = async () => (await harness.ask('query ($id: ID!) { survey(id: $id) { firstAnswerOn lastAnswerOn } }', { id: SURVEY }))['survey'];
    await harness.send('survey-response', upTo(6).map((n) => respond(n, { content: 3 }, n ? { answeredAt: `2024-05-0${n}T23:59:00Z` } : {})));
    expect(await ask()).toEqual({ firstAnswerOn: '2024-05-01', lastAnswerOn: '2024-05-05' });
    harness.at(Date.UTC(2024, 4, 30, 23));
    expect(await ask()).toEqual({ firstAnswerOn: null, lastAnswerOn: null });
  });

  it('compares editions where the question is the same, and says how it knows', async () => {
    const harness = await start();
    const [content, promote] = declare().questions;
    if (!content || !promote) throw new Error('expected two questions');
    const drifted = { ...promote, text: 'Would you tell a colleague?' };
    const waits = { id: 'wait', text: 'Do you wait?', kind: 'SCALE' as const, scale: { min: 1, max: 5 } };
    const wider = { ...waits, scale: { min: 1, max: 7 } };
    await harness.send('survey', [
      declare({ edition: '1', openedOn: '2023-01-01', questions: [content, promote, waits] }),
      declare({ edition: '2', openedOn: '2024-01-01', questions: [content, drifted, wider] }),
    ]);
    for (const [edition, mark] of [['1', 2], ['2', 4]] as const) {
      const over = { survey: { ...key, edition } };
      await harness.send('survey-response', upTo(10).map((n) => respond(n, { content: mark + (n % 2), promote: 9, wait: 1 }, over)));
    }
    const data = await harness.ask(
      `query ($id: ID!) { survey(id: $id) { feedback { nodes { comparisons { sameBy differs difference interval { lower upper method } now { question { id } } before { mean nps } } } } } }`,
      { id: surveyIdOf({ ...key, edition: '2' }) },
    );
    const half = 1.959964 * Math.sqrt(2 * (0.25 * (10 / 9)) / 10);
    expect(data).toEqual({ survey: { feedback: { nodes: [{ comparisons: [
      {
        sameBy: 'EXACT',
        differs: null,
        difference: 2,
        interval: { lower: expect.closeTo(2 - half, 5), upper: expect.closeTo(2 + half, 5), method: 'independent samples, normal, self-selected' },
        now: { question: { id: 'content' } },
        before: { mean: 2.5, nps: null },
      },
      { sameBy: 'DECLARED', differs: null, difference: 0, interval: { lower: 0, upper: 0, method: expect.any(String) }, now: { question: { id: 'promote' } }, before: { mean: 9, nps: 100 } },
      { sameBy: 'EXACT', differs: 'SCALE', difference: null, interval: null, now: { question: { id: 'wait' } }, before: { mean: 1, nps: null } },
    ] }] } } });
  });

  it('answers as many store commands for a hundred teams as for two', async () => {
    const count = async (teams: number): Promise<number> => {
      const harness = await answered();
      const events = upTo(teams * 5).map((n) => respond(n, { content: 3, promote: 9 }, { team: `t${n % teams}` }));
      await harness.send('survey-response', events);
      const before = harness.store.commands();
      const of = upTo(teams).map((n) => ({ __typename: 'Team', id: toNameId('Team', `t${n}`) }));
      const data = await harness.ask(
        `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Team { name members { nodes { id } } feedback { ${FIGURES} survey { name responses previousEdition { id } } comparisons { difference } } } } }`,
        { of },
      );
      expect(JSON.stringify(data)).toContain('"mean":3');
      return harness.store.commands() - before;
    };
    expect(await count(100)).toBe(await count(2));
  });

  it('sets answers from the future aside and says which field of which event is wrong', async () => {
    const harness = await start();
    const receipt = await harness.send('survey-response', [
      respond(1, { content: 1 }, { answeredAt: new Date(NOW + 2 * 86_400_000).toISOString() }),
      { survey: key, responseId: 'x', answers: [{ question: 3 }] },
      { survey: key, answers: [] },
      respond(2, { content: 1 }, { team: 'x'.repeat(97) }),
      respond(3, { content: 1 }),
    ]);
    expect(receipt).toMatchObject({ accepted: 1, repeated: 0 });
    expect(receipt.rejected.map(({ index, code, field }) => [index, code, field])).toEqual([
      [0, 'EVENT_IN_FUTURE', 'answeredAt'],
      [1, 'EVENT_INVALID', 'answers.0.question'],
      [2, 'EVENT_INVALID', 'responseId'],
      [3, 'EVENT_INVALID', 'team'],
    ]);
  });

  it('keeps no mail address and no user name', async () => {
    const harness = await answered();
    await harness.send('survey-response', [respond(1, { wish: 'write to ann@example.org' }, { user: 'Ann', team: 'a' })]);
    const entries = await harness.store.scan(responses.bySurvey, { prefix: [SURVEY], limit: 10 });
    const text = JSON.stringify(entries);
    expect(text).not.toMatch(/ann@example|"Ann"/);
    const { team } = (await harness.ask('{ team(name: "a") { members { nodes { id namespace team { name } } totalCount } } }')) as {
      team: { members: { nodes: unknown[]; totalCount: number } };
    };
    expect(team.members).toMatchObject({ totalCount: 1, nodes: [{ namespace: 'default', team: { name: 'a' } }] });
  });
});

test('an answer is about the one of two works under a title that its qualifier names', () => {
  const show = { namespace: 'lists', title: 'Inheritance', kind: 'FILM' } as const;
  const about = (qualifier?: string) => subjectsOf(respond(1, {}, { show: { ...show, qualifier } })).at(-1);
  expect(about()).toEqual({ about: 'SHOW', subjectId: toId('Show', 'lists', 'Inheritance', null, 'FILM') });
  expect(about('Non-English')).toEqual({ about: 'SHOW', subjectId: toId('Show', 'lists', 'Inheritance', null, 'FILM', 'Non-English') });
});
