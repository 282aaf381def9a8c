import { isJsonObject } from '../../kit/ingest/json-object.ts';
/** What a question asks for over its finished rows: a rank across two loops, which no subgraph could make alone. */
export interface Finish {
  /** Response keys from the root to the list of rows. */
  readonly rows: readonly string[];
  /** One figure a row: the sum of the numbers at a path within it, through lists. */
  readonly sum: { readonly path: readonly string[]; readonly as: string } | null;
  /** The order of the rows: by a path within the row, or by the sum where `by` is null. */
  readonly sort: { readonly by: readonly string[] | null; readonly descending: boolean } | null;
}

type Row = Record<string, unknown>;

/** Every leaf at a path, through lists of any depth. */
function leavesAt(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((each) => leavesAt(each, path));
  const [key, ...rest] = path;
  if (key === undefined) return [value];
  return isJsonObject(value) ? leavesAt(value[key], rest) : [];
}

/** The sum of the numbers at a path; null where no number is there, since nothing recorded is not zero. */
function sumAt(row: unknown, path: readonly string[]): number | null {
  const numbers = leavesAt(row, path).filter((leaf) => typeof leaf === 'number');
  return numbers.length === 0 ? null : numbers.reduce((sum, each) => sum + each, 0);
}

type SortKey = number | string | boolean | null;

function sortKeyAt(row: unknown, path: readonly string[]): SortKey {
  const [leaf] = leavesAt(row, path);
  return typeof leaf === 'number' || typeof leaf === 'string' || typeof leaf === 'boolean' ? leaf : null;
}

/** Rows without a key come last in either direction. */
function compareKeys(a: SortKey, b: SortKey, descending: boolean): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b === descending ? 1 : -1;
}

/** What a finished answer adds: the figures of each row, parallel to the list as it now stands in the data. */
export interface FinishedRows {
  readonly data: Row;
  /** One record a row: the sum under its name; null where no row has anything to sum. */
  readonly rows: readonly Readonly<Record<string, number | null>>[] | null;
}

/** Sums and sorts the rows of an answer. Copies the way to the list and leaves the given data as it was. */
export function finishRows(data: Row, finish: Finish): FinishedRows {
  const way = finish.rows.slice(0, -1);
  const last = finish.rows.at(-1);
  const copy: Row = { ...data };
  let parent = copy;
  for (const key of way) {
    const next = parent[key];
    if (!isJsonObject(next)) return { data, rows: null };
    const copied = { ...next };
    parent[key] = copied;
    parent = copied;
  }
  const list = last === undefined ? undefined : parent[last];
  if (last === undefined || !Array.isArray(list)) return { data, rows: null };
  const { sum, sort } = finish;
  const rows = list.map((row: unknown) => ({ row, sum: sum === null ? null : sumAt(row, sum.path) }));
  if (sort !== null) {
    const { by, descending } = sort;
    const keyed = rows.map((each) => ({ each, key: by === null ? each.sum : sortKeyAt(each.row, by) }));
    keyed.sort((a, b) => compareKeys(a.key, b.key, descending));
    rows.splice(0, rows.length, ...keyed.map(({ each }) => each));
  }
  parent[last] = rows.map(({ row }) => row);
  return { data: copy, rows: sum === null ? null : rows.map((each) => ({ [sum.as]: each.sum })) };
}
