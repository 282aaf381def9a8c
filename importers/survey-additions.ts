import type { QuestionDeclaration, ResponseEvent } from '../subgraphs/feedback/events.ts';
import { COMMON, MOST_OPTIONS } from './survey-kinds.ts';

/** So many different answers that are no options are remembered of a question: behind them it is free text. */
const MOST_NOTED = 10_000;

/** Counts the answers of a long file that its first rows did not show to be options. */
export interface Additions {
  /** Takes notice of what a response answers. */
  readonly note: (answers: ResponseEvent['answers']) => void;
  /** All questions, where the answers to some show further options; else none. */
  readonly questions: () => QuestionDeclaration[];
}

/** `inferred` are the questions as the file shows them, `declared` as they were sent: options that a caller declared stay as they are. */
export function createAdditions(inferred: readonly QuestionDeclaration[], declared: readonly QuestionDeclaration[]): Additions {
  const open = new Map<string, { known: Set<string>; counts: Map<string, number> }>();
  declared.forEach(({ id, options }, place) => {
    if (options && options === inferred[place]?.options) open.set(id, { known: new Set(options), counts: new Map() });
  });
  return {
    note: (answers) => {
      for (const { question, value, values } of answers) {
        const noted = open.get(question);
        if (!noted) continue;
        for (const given of values ?? [value ?? '']) {
          const text = String(given);
          if (text === '' || noted.known.has(text)) continue;
          const count = noted.counts.get(text);
          if (count !== undefined || noted.counts.size < MOST_NOTED) noted.counts.set(text, (count ?? 0) + 1);
        }
      }
    },
    questions: () => {
      let any = false;
      const questions = declared.map((question) => {
        const { known = new Set<string>(), counts = new Map<string, number>() } = open.get(question.id) ?? {};
        const further = [...counts].filter(([, count]) => count >= COMMON).toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
        const options = further.slice(0, Math.max(0, MOST_OPTIONS - known.size)).map(([option]) => option);
        any ||= options.length > 0;
        return options.length === 0 ? question : { ...question, options: [...known, ...options] };
      });
      return any ? questions : [];
    },
  };
}
