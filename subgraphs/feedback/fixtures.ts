import { buildSubgraphSchema } from '@apollo/subgraph';
import { type ExecutionResult, graphql, parse } from 'graphql';
import { createPseudonym } from '../../kit/ingest/pseudonym.ts';
import type { Store } from '../../kit/store/port.ts';
import type { Receipt, Surroundings } from '../../kit/subgraph.ts';
import type { ResponseEvent, SurveyEvent, SurveyKey } from './events.ts';
import { feedback } from './index.ts';
import { surveyIdOf } from './ingest.ts';

/** The present in tests: 2024-06-01. */
export const NOW = Date.UTC(2024, 5, 1);

/** What a test asks and sends: one subgraph over one store. */
export interface Harness {
  readonly store: Store;
  /** Sends events of a kind to their receiver. */
  send(kind: string, events: readonly unknown[]): Promise<Receipt>;
  /** Answers an operation with a fresh context; throws the first error. */
  ask(source: string, variables?: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** The same, errors and all. */
  run(source: string, variables?: Record<string, unknown>): Promise<ExecutionResult>;
  /** Sets the present. */
  at(now: number): void;
}

const schema = buildSubgraphSchema([{ typeDefs: parse(feedback.typeDefs), resolvers: feedback.resolvers as Record<string, never> }]);

export function createHarness(store: Store): Harness {
  let present = NOW;
  const surroundings: Surroundings = { store, pseudonym: createPseudonym('test'), now: () => present };
  const run: Harness['run'] = (source, variables = {}) =>
    graphql({
      schema,
      source,
      variableValues: variables,
      contextValue: { ...surroundings, loaders: feedback.createLoaders(surroundings) },
    }) as Promise<ExecutionResult>;
  return {
    store,
    send: (kind, events) => {
      const receive = feedback.receivers[kind];
      if (!receive) throw new Error(`expected a kind that feedback takes, got ${kind}`);
      return receive(surroundings, events);
    },
    run,
    ask: async (source, variables) => {
      const { data, errors } = await run(source, variables);
      if (errors?.[0]) throw errors[0];
      return data as Record<string, unknown>;
    },
    at: (now) => {
      present = now;
    },
  };
}

export const key: SurveyKey = { namespace: 'default', name: 'platform', edition: '2024-1' };

/** A declaration with a scale of five, a recommendation, a choice and free text. */
export function declare(over: Partial<SurveyEvent> = {}): SurveyEvent {
  return {
    ...key,
    whole: true,
    questions: [
      { id: 'content', text: 'How satisfied are you?', kind: 'SCALE', scale: { min: 1, max: 5 }, measures: 'satisfaction' },
      { id: 'promote', text: 'Would you recommend it?', kind: 'NPS', measures: 'recommendation' },
      { id: 'tools', text: 'What do you use?', kind: 'MULTIPLE_CHOICE', options: ['SQL', 'Python'] },
      { id: 'wish', text: 'What would you change?', kind: 'TEXT' },
    ],
    ...over,
  };
}

/** A response by number, with answers by question; `over` says the rest. */
export function respond(
  number: number | string,
  answers: Readonly<Record<string, string | number | readonly string[]>>,
  over: Partial<ResponseEvent> = {},
): ResponseEvent {
  return {
    survey: key,
    responseId: `r${number}`,
    answers: Object.entries(answers).map(([question, given]) =>
      typeof given === 'object' ? { question, values: [...given] } : { question, value: given },
    ),
    ...over,
  };
}

/** A score as `feedbackOf` asks for it. */
export interface AskedScore {
  readonly question: { readonly id: string };
  readonly n: number;
  readonly invited: number | null;
  readonly mean: number | null;
  readonly nps: number | null;
  readonly selfSelected: boolean;
  readonly offScale: number | null;
  readonly interval: { readonly lower: number; readonly upper: number; readonly method: string } | null;
  readonly shares: readonly { readonly answer: string | null; readonly count: number; readonly share: number }[];
  readonly withheld: { readonly code: string } | null;
}

export interface AskedFeedback {
  readonly id: string;
  readonly about: string;
  readonly team: { readonly id: string; readonly name: string } | null;
  readonly job: { readonly id: string } | null;
  readonly n: number;
  readonly invited: number | null;
  readonly responseRate: number | null;
  readonly withheld: { readonly code: string } | null;
  readonly satisfaction: AskedScore | null;
  readonly recommendation: AskedScore | null;
  readonly scores: readonly AskedScore[];
}

const SCORE = `question { id } n invited mean nps selfSelected offScale interval { lower upper method }
  shares { answer count share } withheld { code }`;

/** The figures that `AskedFeedback` holds, as a selection. */
export const FIGURES = `id about team { id name } job { id } n invited responseRate withheld { code }
  satisfaction { ${SCORE} } recommendation { ${SCORE} } scores { ${SCORE} }`;

/** All that an edition says by one kind of subject. */
export async function feedbackOf(harness: Harness, about = 'ALL', survey = key): Promise<readonly AskedFeedback[]> {
  const data = await harness.ask(
    `query ($id: ID!, $about: FeedbackSubject!) { survey(id: $id) { feedback(about: $about, first: 1000) { nodes { ${FIGURES} } } } }`,
    { id: surveyIdOf(survey), about },
  );
  return (data['survey'] as { feedback: { nodes: AskedFeedback[] } }).feedback.nodes;
}

/** Numbers 0 to n - 1. */
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, place) => place);
