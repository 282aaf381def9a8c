/**
 * Films of which Netflix's weekly lists hold two under one title, one in English and one in another language, as
 * `netflix-real.test.ts` finds them in the lists from 2021-06-28 to 2024-11-17. Without their list they would be one show.
 */
const NAMESAKES: ReadonlySet<string> = new Set(['Ballerina', 'Inheritance', "Mother's Day", 'Security']);

const LANGUAGE = /^films? \((english|non-english)\)/i;

/**
 * Which of two films of one title a list means; null for all other titles, and where the list does not say its language,
 * as those by country do not. Other titles keep the identity that is the same in every list.
 */
export function qualifierOf(title: string, category: string): 'English' | 'Non-English' | null {
  const [, language] = (NAMESAKES.has(title) ? LANGUAGE.exec(category) : null) ?? [];
  if (language === undefined) return null;
  return language.toLowerCase() === 'english' ? 'English' : 'Non-English';
}
