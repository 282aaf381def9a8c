import type { SurveyQuestionDocument } from './documents.ts';

/** How it is known that two editions ask the same, as the schema's `SameQuestion` has it. */
export type SameBy = 'EXACT' | 'OPTIONS' | 'DECLARED' | 'NORMALISED';

/** What of the form of the answers is another, as the schema's `AnswerFormDifference` has it. */
export type Difference = 'KIND' | 'SCALE' | 'OPTIONS';

export interface Pair<T> {
  readonly now: T;
  readonly before: T;
  readonly sameBy: SameBy;
}

/** The number in front of a question, which moves when another is put before it: `3.`, `7b1.`, `Q3:`, `Question 12)`. */
const NUMBER = /^(?:q(?:uestion)?\s*)?\d{1,3}(?:[a-z]\d{0,2})?\s*[.):]\s+(?=\S)/;

const squeeze = (text: string): string => text.replace(/\s+/g, ' ').trim();

/**
 * A wording without what changes while the question stays: case, punctuation, quotes, width of characters, the number in
 * front. Signs that names are told apart by (`C`, `C#`, `C++`) stay.
 */
export function normalise(text: string): string {
  const plain = squeeze(text.normalize('NFKC').toLowerCase()).replace(NUMBER, '');
  return squeeze(plain.replace(/['’‘]/g, '').replace(/(?![#%&@*/])\p{P}/gu, ' '));
}

/** From the surest to the least sure; null where the question cannot be known so. */
const KEYS: readonly (readonly [SameBy, (question: SurveyQuestionDocument) => string | null])[] = [
  ['EXACT', ({ text, row, unworded }) => (unworded ? null : JSON.stringify([squeeze(text), squeeze(row ?? '')]))],
  ['OPTIONS', ({ options, unworded }) => (unworded && options ? JSON.stringify(options.toSorted()) : null)],
  ['DECLARED', ({ id }) => id],
  ['NORMALISED', ({ text, row, unworded }) => (unworded ? null : JSON.stringify([normalise(text), normalise(row ?? '')]))],
];

/**
 * The questions that two editions share, in the order of `now`, each at most once. What an edition asks twice in the same
 * words is paired only where the ids say which is which, and as often as before.
 */
export function pairQuestions<T>(
  now: readonly T[],
  before: readonly T[],
  questionOf: (asked: T) => SurveyQuestionDocument,
): Pair<T>[] {
  const found = new Map<T, Pair<T>>();
  const taken = new Set<T>();
  for (const [sameBy, keyOf] of KEYS) {
    const group = (all: readonly T[], used: { has(asked: T): boolean }): Map<string, T[]> => {
      const groups = new Map<string, T[]>();
      for (const asked of all) {
        const key = used.has(asked) ? null : keyOf(questionOf(asked));
        if (key !== null) groups.set(key, [...(groups.get(key) ?? []), asked]);
      }
      return groups;
    };
    const earlier = group(before, taken);
    for (const [key, later] of group(now, found)) {
      const candidates = earlier.get(key) ?? [];
      if (candidates.length !== later.length) continue;
      for (const asked of later) {
        const same = later.length === 1 ? candidates[0] : candidates.find((each) => questionOf(each).id === questionOf(asked).id);
        if (same === undefined) continue;
        taken.add(same);
        found.set(asked, { now: asked, before: same, sameBy });
      }
    }
  }
  return now.flatMap((asked) => found.get(asked) ?? []);
}

/** An option that both editions offer, by its wording in each. */
export interface SharedOption {
  readonly now: string;
  readonly before: string;
}

export interface OptionChanges {
  readonly shared: readonly SharedOption[];
  readonly added: readonly string[];
  readonly dropped: readonly string[];
}

/** Which answers two editions have in common: by their wording, else by what `normalise` leaves of it where that is unique. */
export function compareOptions(now: readonly string[], before: readonly string[]): OptionChanges {
  const exact = new Set(before);
  const later = countKeys(now);
  const earlier = countKeys(before);
  const counterpart = (option: string): string | null => {
    if (exact.has(option)) return option;
    const key = normalise(option);
    const [match, another] = earlier.get(key) ?? [];
    return match !== undefined && another === undefined && later.get(key)?.length === 1 ? match : null;
  };
  const shared: SharedOption[] = [];
  const added: string[] = [];
  for (const option of now) {
    const match = counterpart(option);
    if (match === null) added.push(option);
    else shared.push({ now: option, before: match });
  }
  const known = new Set(shared.map((option) => option.before));
  return { shared, added, dropped: before.filter((option) => !known.has(option)) };
}

function countKeys(options: readonly string[]): Map<string, string[]> {
  const byKey = new Map<string, string[]>();
  for (const option of options) byKey.set(normalise(option), [...(byKey.get(normalise(option)) ?? []), option]);
  return byKey;
}

/** What of the answers' form differs, the gravest first; null where nothing does, or no options are declared. */
export function formDifference(
  now: SurveyQuestionDocument,
  before: SurveyQuestionDocument,
  { added, dropped }: OptionChanges,
): Difference | null {
  if (now.kind !== before.kind) return 'KIND';
  if (now.scale?.min !== before.scale?.min || now.scale?.max !== before.scale?.max) return 'SCALE';
  return added.length + dropped.length > 0 ? 'OPTIONS' : null;
}
