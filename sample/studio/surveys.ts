import { SIMULATED_NAMESPACE } from '../../kit/graph/id.ts';
import { DAY, HOUR, MINUTE, toDay, toInstant } from './clock.ts';
import type { StudioTeam } from './company.ts';
import { DASHBOARD_DATASET, DASHBOARD_JOB, INGEST_JOB, RAW_DATASET, toMemberName } from './company.ts';
import type { Random } from './random.ts';
import type { SurveyTally } from './truth.ts';
import { createSurveyTally } from './truth.ts';
import type { World } from './world.ts';

/** The survey of one world: those of two worlds ask other people. */
function toSurveyName(world: World): string {
  return `Data platform survey ${world.id.slice(0, 6)}`;
}

/** How many of a hundred give each grade from 1 to 5, before and after the change: the new runner is liked better. */
const SATISFACTION = { before: [10, 24, 34, 24, 8], after: [5, 14, 29, 34, 18] } as const;
/** In thousandths of those invited. */
const RESPONSE_PERMILLE = 620;
/** In thousandths of the answers: left out. */
const LEFT_OUT_PERMILLE = 60;

const WAITS = ['Not at all', 'A little', 'A lot'];
const WAIT_QUESTION = {
  before: { id: 'waiting', text: 'Do you lose time waiting for jobs?' },
  after: { id: 'waiting-last-week', text: 'How much did waiting for jobs hold you up last week?' },
} as const;
const WAIT_WEIGHTS = { before: [20, 45, 35], after: [35, 45, 20] } as const;

interface Edition {
  readonly name: string;
  readonly side: 'before' | 'after';
  readonly openAt: number;
  /** Exclusive. */
  readonly closeAt: number;
}

/** Two editions, each in the middle of its half of the period and open for a third of it. */
export function planEditions(world: World): readonly Edition[] {
  const halves = [
    { side: 'before', from: world.startAt, to: world.changeAt },
    { side: 'after', from: world.changeAt, to: world.endAt },
  ] as const;
  return halves.map(({ side, from, to }, index) => {
    const days = Math.round((to - from) / DAY);
    const openAt = from + Math.floor(days / 2) * DAY;
    return { name: `${index + 1}`, side, openAt, closeAt: openAt + Math.max(1, Math.floor(days / 3)) * DAY };
  });
}

/** Plays one whole edition: the survey when it opens, then each answer at its moment. */
export function playEdition(world: World, edition: Edition): void {
  const { name, side, openAt, closeAt } = edition;
  const tallies: Record<string, SurveyTally> = {};
  world.truth.surveys[name] = tallies;
  world.tell(openAt, 'survey', {
    namespace: SIMULATED_NAMESPACE,
    name: toSurveyName(world),
    edition: name,
    at: toInstant(openAt),
    openedOn: toDay(openAt),
    closedOn: toDay(closeAt - 1),
    invitedByTeam: Object.fromEntries(world.company.teams.map((team) => [team.name, team.memberCount])),
    questions: toQuestions(side),
  });
  for (const team of world.company.teams) {
    const tally = createSurveyTally(team.memberCount);
    tallies[team.name] = tally;
    for (let member = 0; member < team.memberCount; member += 1) {
      const random = world.random(`survey/${name}/${team.name}/${member}`);
      if (random.chance(RESPONSE_PERMILLE)) playResponse(world, edition, team, member, random, tally);
    }
  }
}

/** The third question was asked in another way in the second edition, as happens to surveys: it is another question. */
function toQuestions(side: Edition['side']): object[] {
  return [
    { id: 'satisfaction', text: 'How satisfied are you with the data platform?', kind: 'SCALE', scale: { min: 1, max: 5 }, measures: 'satisfaction' },
    { id: 'recommendation', text: 'Would you recommend the data platform to a colleague?', kind: 'NPS', scale: { min: 0, max: 10 }, measures: 'recommendation' },
    { ...WAIT_QUESTION[side], kind: 'SINGLE_CHOICE', options: WAITS },
  ];
}

function playResponse(world: World, edition: Edition, team: StudioTeam, member: number, random: Random, tally: SurveyTally): void {
  const at = drawOfficeMoment(random, edition);
  const grade = random.weighted(SATISFACTION[edition.side]) + 1;
  const recommendation = Math.min(10, Math.max(0, grade * 2 + random.between(-2, 1)));
  const waiting = WAITS[random.weighted(WAIT_WEIGHTS[edition.side])] ?? '';
  const answers = [
    { question: 'satisfaction', value: grade },
    { question: 'recommendation', value: recommendation },
    { question: WAIT_QUESTION[edition.side].id, value: waiting },
  ].filter(() => !random.chance(LEFT_OUT_PERMILLE));
  const used = drawUsed(team, random);
  world.tell(at, 'survey-response', {
    survey: { namespace: SIMULATED_NAMESPACE, name: toSurveyName(world), edition: edition.name },
    responseId: `${world.source}/${edition.name}/${team.name}/${member}`,
    answeredAt: toInstant(at),
    team: team.name,
    job: { namespace: SIMULATED_NAMESPACE, name: used.job },
    dataset: { namespace: SIMULATED_NAMESPACE, name: used.dataset },
    user: toMemberName(team, member),
    answers,
  });
  tally.responses += 1;
  for (const { question } of answers) {
    if (question === 'satisfaction') tally.satisfaction[grade - 1] = (tally.satisfaction[grade - 1] ?? 0) + 1;
    if (question === 'recommendation') tally.recommendation[recommendation] = (tally.recommendation[recommendation] ?? 0) + 1;
  }
}

/** A working hour of some day of the edition. */
function drawOfficeMoment(random: Random, edition: Edition): number {
  const days = Math.round((edition.closeAt - edition.openAt) / DAY);
  return edition.openAt + random.below(days) * DAY + 8 * HOUR + random.below(10 * HOUR - MINUTE);
}

/** The job and the dataset that a member says the answer is about: mostly the team's own rollup or its first shows. */
function drawUsed(team: StudioTeam, random: Random): { readonly job: string; readonly dataset: string } {
  const { flow, shows } = team;
  if (flow === null) {
    return random.chance(500) ? { job: INGEST_JOB, dataset: RAW_DATASET } : { job: DASHBOARD_JOB, dataset: DASHBOARD_DATASET };
  }
  const show = shows[random.weighted([5, 3, 2].slice(0, shows.length))];
  return show === undefined || random.chance(400) ? { job: flow.rollupJob, dataset: flow.rollupDataset } : { job: show.job, dataset: show.dataset };
}
