import type { ChainState, OutputFacts, OutputFault, OutputVerdict } from './documents-outputs.ts';

/**
 * Whether what a run wrote can be used. Outputs of one job to one dataset are a chain in the order in which they were
 * written; each is judged by its own content and against the last good one before it, so a verdict depends on the chain
 * and never on the order of arrival.
 */

/** This share of the last good output's rows, or less, is a loss: published tables grow or are cut, they do not halve. */
const ROW_LOSS_SHARE = 0.5;

/** Before the first output of a chain. */
export const START_OF_CHAIN: ChainState = {
  rows: null,
  headerId: null,
  contentHash: null,
  verdict: 'UNKNOWN',
  fault: null,
  stretch: null,
};

/** What is found, with words for people. */
export interface Judgement {
  readonly verdict: OutputVerdict;
  readonly fault: OutputFault | null;
  readonly detail: string;
  readonly change: { readonly added: readonly string[]; readonly removed: readonly string[] } | null;
}

/** What servers and their proxies answer in place of a file, as JSON, XML or plain text, and nothing else. */
const ERROR_ANSWER = /^\uFEFF?\s*(?:\{\s*"(?:errors?|message|status|statusCode|detail|fault)"\s*:|(?:<\?xml[^>]*\?>\s*)?<error\b|(?:error )?[45]\d\d\s*:|(?:not found|forbidden|bad gateway|service unavailable|internal server error|gateway time-?out|too many requests|access denied)\.?\s*$)/i;
/** An error answer has few lines. */
const ERROR_ROWS = 20;

const WEB_PAGE = /^\uFEFF?\s*<(?:!doctype\s+html|html|head|body|title|meta|script|style|a|p|div|span|center|h[1-6]|table|pre|iframe)\b/i;
const UNKNOWN: Judgement = { verdict: 'UNKNOWN', fault: null, detail: 'no content was recorded', change: null };

const words = (column: string): string[] =>
  column.replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2').toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');

/**
 * True where two names share more than half of the longer one's words, as `views_first_28_days` and `views_first_91_days`, or
 * one has all words of the other, as `hours` and `hours_viewed`. `weekly_rank` and `weekly_views` are two things.
 */
function isAlike(one: string, other: string): boolean {
  const [first, second] = [words(one), words(other)];
  const shared = first.filter((word) => second.includes(word)).length;
  return shared > 0 && (shared * 2 > Math.max(first.length, second.length) || shared === Math.min(first.length, second.length));
}

/** Columns of the longest common subsequence, in order: what neither header had to change. Quadratic, so cut off. */
export function commonColumns(before: readonly string[], after: readonly string[]): Set<string> {
  const kept = new Set(after);
  const common = before.filter((column) => kept.has(column));
  const placeOf = new Map(after.map((column, place) => [column, place]));
  // The longest run of rising places: patience, by binary search.
  const tails: { place: number; column: string; previous: number }[] = [];
  const piles: number[] = [];
  for (const column of common) {
    const place = placeOf.get(column) ?? 0;
    let [low, high] = [0, piles.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((tails[piles[middle] ?? 0]?.place ?? 0) < place) low = middle + 1;
      else high = middle;
    }
    tails.push({ place, column, previous: low === 0 ? -1 : (piles[low - 1] ?? -1) });
    piles[low] = tails.length - 1;
  }
  const longest = new Set<string>();
  for (let at = piles.at(-1) ?? -1; at !== -1; at = tails[at]?.previous ?? -1) longest.add(tails[at]?.column ?? '');
  return longest;
}

/** Columns between two that stayed: the gaps of a header, by the column that stands before each. */
export function gapsOf(header: readonly string[], stays: ReadonlySet<string>): Map<string, string[]> {
  const gaps = new Map<string, string[]>();
  let before = '';
  for (const column of header) {
    if (stays.has(column)) before = `:${column}`;
    else gaps.set(before, [...(gaps.get(before) ?? []), column]);
  }
  return gaps;
}

/**
 * Columns that are gone and that nothing replaces. A column is replaced by a new one that stands where it stood, between the
 * same neighbours, one for one; or by a new one of a like name, wherever it stands.
 */
export function lostColumns(before: readonly string[], after: readonly string[]): string[] {
  const stays = commonColumns(before, after);
  const had = new Set(before);
  const has = new Set(after);
  const added = new Set(after.filter((column) => !had.has(column)));
  const lost: string[] = [];
  const newGaps = gapsOf(after, stays);
  for (const [gap, columns] of gapsOf(before, stays)) {
    const gone = columns.filter((column) => !has.has(column));
    const here = (newGaps.get(gap) ?? []).filter((column) => added.has(column));
    const unmatched: string[] = [];
    for (const column of gone) {
      const like = [...added].find((other) => isAlike(column, other));
      if (like === undefined) unmatched.push(column);
      else added.delete(like);
    }
    for (const column of unmatched) {
      const replacement = here.find((other) => added.has(other));
      if (replacement === undefined) lost.push(column);
      else added.delete(replacement);
    }
  }
  return lost;
}

/** How two headers differ; null where they do not. */
export function changeOf(before: readonly string[] | null, after: readonly string[] | null): Judgement['change'] {
  if (before === null || after === null) return null;
  const [had, has] = [new Set(before), new Set(after)];
  const added = after.filter((column) => !had.has(column));
  const removed = before.filter((column) => !has.has(column));
  return added.length + removed.length === 0 ? null : { added, removed };
}

const bad = (fault: OutputFault, detail: string, change: Judgement['change'] = null): Judgement => ({ verdict: 'BAD', fault, detail, change });

/** Rows that can be compared with those of other outputs: of all that the dataset holds. */
export function wholeRows({ rows, partial }: OutputFacts): number | null {
  return partial ? null : rows;
}

/** The verdict on an output, given its columns, what came before it, and the columns of the last good output. */
export function judge(
  output: OutputFacts,
  columns: readonly string[] | null,
  before: ChainState,
  goodColumns: readonly string[] | null,
): Judgement {
  const firstLine = output.firstLine ?? (columns?.length === 1 ? (columns[0] ?? null) : null);
  // A page's first line that was cut at its commas is a header of several columns.
  const start = firstLine ?? columns?.[0] ?? null;
  if (start !== null && WEB_PAGE.test(start)) return bad('WEB_PAGE', `a page for a browser: ${start.trim().slice(0, 80)}`);
  if (start !== null && ERROR_ANSWER.test(start) && (output.rows ?? 0) <= ERROR_ROWS) {
    return bad('WEB_PAGE', `an error that a server answered: ${start.trim().slice(0, 80)}`);
  }
  if (firstLine !== null && firstLine.replace('\uFEFF', '').trim() === 'null' && (output.rows ?? 0) <= 1) {
    return bad('NULL_CONTENT', 'the text null and nothing else');
  }
  if (output.inspected && output.bytes === 0) return bad('EMPTY', 'no bytes');
  const rows = wholeRows(output);
  if (rows === 0 && (output.inspected || (before.rows ?? 0) > 0)) return bad('EMPTY', `no rows, after ${before.rows ?? 'none known'}`);
  if (rows !== null && before.rows !== null && rows <= before.rows * ROW_LOSS_SHARE && before.rows > 0) {
    return bad('ROW_LOSS', `${rows} rows, after ${before.rows} in the last good output`);
  }
  if (output.inspected && columns === null && firstLine !== null && goodColumns !== null) {
    return bad('COLUMN_GONE', `no header, after ${goodColumns.length} columns in the last good output`);
  }
  const change = changeOf(goodColumns, columns);
  if (change !== null && goodColumns !== null && columns !== null) {
    const lost = lostColumns(goodColumns, columns);
    if (lost.length > 0) return bad('COLUMN_GONE', `without ${lost.slice(0, 20).join(', ')}, which the last good output had`, change);
  }
  // A size alone says nothing of what is in a file.
  if (output.rows === null && columns === null && firstLine === null && (output.inspected || output.bytes === null)) {
    return output.contentHash !== null && output.contentHash === before.contentHash ? sameAsBefore(before) : UNKNOWN;
  }
  return { verdict: 'GOOD', fault: null, detail: '', change };
}

/** Content that nobody recorded, of the hash of the one before: it is the same content. */
function sameAsBefore({ verdict, fault }: ChainState): Judgement {
  return { verdict, fault, detail: 'the same content as before, by its hash', change: null };
}
