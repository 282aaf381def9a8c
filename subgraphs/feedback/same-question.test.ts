import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SurveyQuestionDocument } from './documents.ts';
import { compareOptions, normalise, pairQuestions } from './same-question.ts';

const ask = (id: string, text: string, over: Partial<SurveyQuestionDocument> = {}): SurveyQuestionDocument => ({
  id, text, row: null, kind: 'SINGLE_CHOICE', scale: null, options: ['Yes', 'No'], measures: null, unworded: false, ...over,
});
const pairs = (now: SurveyQuestionDocument[], before: SurveyQuestionDocument[]): string[] =>
  pairQuestions(now, before, (question) => question).map((pair) => `${pair.now.id}=${pair.before.id} ${pair.sameBy}`);

describe('two editions of a survey', () => {
  it('share what is worded the same, is declared the same, or differs in punctuation, case and number only', () => {
    const now = [ask('a', 'How  was it?'), ask('b', '4. Which tools do you use'), ask('c', 'Rather new words?'), ask('d', 'New?')];
    const before = [ask('x', 'How was it?'), ask('y', '3. Which tools do you use?'), ask('c', 'Old words?'), ask('z', 'Gone?')];
    expect(pairs(now, before)).toEqual(['a=x EXACT', 'b=y NORMALISED', 'c=c DECLARED']);
  });

  it('keep the rows of a grid apart, and names that differ in a sign', () => {
    const row = (id: string, label: string) => ask(id, 'How well?', { row: label });
    expect(pairs([row('a', 'C++'), row('b', 'c#')], [row('x', 'C'), row('y', 'C#'), row('z', 'C++')])).toEqual(['a=z EXACT', 'b=y NORMALISED']);
    expect(normalise('C#')).not.toBe(normalise('C++'));
  });

  it('are not compared where one of two words is asked twice and nothing says which is which', () => {
    expect(pairs([ask('a', 'How was it?'), ask('b', 'How was it?')], [ask('x', 'How was it?'), ask('y', 'How was it?')])).toEqual([]);
    expect(pairs([ask('a', 'How was it?'), ask('b', 'How was it?')], [ask('a', 'How was it?'), ask('b', 'How was it?')])).toEqual(['a=a EXACT', 'b=b EXACT']);
    expect(pairs([ask('a', 'How was it?')], [ask('x', 'How was it?'), ask('y', 'How was it?')])).toEqual([]);
    expect(pairs([ask('a', 'how was it')], [ask('x', 'How was it?'), ask('y', 'How was it!')])).toEqual([]);
  });

  it('that hold no wording share the questions with the same options, never those with the same number', () => {
    const unworded = (id: string, options: string[]) => ask(id, 'Question 3', { unworded: true, options });
    expect(pairs([unworded('a', ['SQL', 'R'])], [unworded('x', ['R', 'SQL'])])).toEqual(['a=x OPTIONS']);
    expect(pairs([unworded('a', ['SQL', 'R'])], [unworded('x', ['Cats', 'Dogs'])])).toEqual([]);
  });

  it('pair each question at most once, whatever they ask', () => {
    const question = fc.record({ id: fc.constantFrom('a', 'b', 'c'), text: fc.constantFrom('A?', 'a', '1. A?', 'B?'), unworded: fc.boolean() });
    const edition = fc.uniqueArray(question, { selector: ({ id }) => id, maxLength: 3 }).map((all) => all.map(({ id, text, unworded }) => ask(id, text, { unworded })));
    fc.assert(
      fc.property(edition, edition, (now, before) => {
        const found = pairQuestions(now, before, (each) => each);
        expect(new Set(found.map((pair) => pair.now)).size).toBe(found.length);
        expect(new Set(found.map((pair) => pair.before)).size).toBe(found.length);
      }),
    );
  });

  it('share options but for punctuation where that is unique, and name what came and went', () => {
    expect(compareOptions(['Yes.', 'No', 'Maybe'], ['Yes', 'No', 'Never'])).toEqual({
      shared: [{ now: 'Yes.', before: 'Yes' }, { now: 'No', before: 'No' }],
      added: ['Maybe'],
      dropped: ['Never'],
    });
    expect(compareOptions(['yes'], ['Yes', 'Yes.']).shared).toEqual([]);
  });
});
