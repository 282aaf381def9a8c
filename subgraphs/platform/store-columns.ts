import type { Document, EachRange, Entry, Index, Key, Store } from '../../kit/store/port.ts';
import { checks, columnEdges, columnNode, columnWords, edges } from './collections.ts';
import type { ColumnEdgeDocument, DatasetCheckDocument } from './documents-columns.ts';
import type { ColumnLineageReference, ColumnReferenceReference } from './references.ts';
import { type Direction, LINEAGE_BOUND, type Neighbours, type Walk, walkAll } from './lineage.ts';

/** What is read of columns and their quality. Each function is one store command unless it says otherwise. */

/** A store takes so many prefixes in one command. */
const MOST_PREFIXES = 10_000;

/** `scanEach` for any number of prefixes: a command for each 10,000. */
async function scanAll<D extends Document>(store: Store, index: Index<D>, prefixes: readonly Key[], range: EachRange): Promise<Entry<D>[][]> {
  const found: Entry<D>[][] = [];
  for (let from = 0; from < prefixes.length; from += MOST_PREFIXES) {
    found.push(...(await store.scanEach(index, prefixes.slice(from, from + MOST_PREFIXES), range)));
  }
  return found;
}

/** A walk from a column. */
export interface ColumnWalk extends Walk {
  readonly datasetId: string;
  readonly column: string;
}

/** A column, or all rows of a dataset (null). */
interface Place {
  readonly datasetId: string;
  readonly column: string | null;
}

type Edges = (nodes: readonly string[], places: ReadonlyMap<string, Place>) => Promise<ColumnEdgeDocument[][]>;

/** The edges down from places: from a column by itself, from all rows of a dataset by any of its columns. Two commands at most. */
function edgesDown(store: Store): Edges {
  return async (nodes, places) => {
    const whole = nodes.filter((node) => places.get(node)?.column === null);
    const single = nodes.filter((node) => places.get(node)?.column !== null);
    const [ofWhole, ofSingle] = await Promise.all([
      scanAll(store, columnEdges.byFromDataset, whole.map((node) => [places.get(node)?.datasetId ?? '']), { limit: LINEAGE_BOUND }),
      scanAll(store, columnEdges.byFrom, single.map((node) => [node]), { limit: LINEAGE_BOUND }),
    ]);
    const byNode = new Map([...whole.map((node, at) => [node, ofWhole[at]] as const), ...single.map((node, at) => [node, ofSingle[at]] as const)]);
    return nodes.map((node) => (byNode.get(node) ?? []).map(({ document }) => document));
  };
}

/** The edges up from places: a column is made from its own sources and from those of all rows of its dataset. */
function edgesUp(store: Store): Edges {
  return async (nodes, places) => {
    const rows = nodes.map((node) => columnNode(places.get(node)?.datasetId ?? '', null));
    const keys = [...new Set([...nodes, ...rows])];
    const found = await scanAll(store, columnEdges.byTo, keys.map((key) => [key]), { limit: LINEAGE_BOUND });
    const byKey = new Map(keys.map((key, at) => [key, (found[at] ?? []).map(({ document }) => document)]));
    return nodes.map((node, at) => [...(byKey.get(node) ?? []), ...(node === rows[at] ? [] : (byKey.get(rows[at] ?? '') ?? []))]);
  };
}

/** Walks from columns to columns; two commands a level and direction at most, however many walks. */
export async function walkColumns(store: Store, walks: readonly ColumnWalk[]): Promise<ColumnLineageReference[]> {
  const places = new Map<string, Place>(walks.map(({ start, datasetId, column }) => [start, { datasetId, column }]));
  const looked = new Map<string, readonly (readonly [node: string, jobId: string | null])[]>();
  const ways = { downstream: edgesDown(store), upstream: edgesUp(store) };
  const neighbours: Neighbours = async (nodes, direction) => {
    const found = await ways[direction](nodes, places);
    return nodes.map((node, at) => {
      const reached = (found[at] ?? []).map((edge) => {
        const place = direction === 'downstream' ? { datasetId: edge.toDatasetId, column: edge.toColumn } : { datasetId: edge.fromDatasetId, column: edge.fromColumn };
        const next = columnNode(place.datasetId, place.column);
        places.set(next, place);
        return [next, edge.jobId] as const;
      });
      looked.set(`${direction} ${node}`, reached);
      return reached.map(([next]) => next);
    });
  };
  const kindOf = (node: string): string => (node.startsWith('Rows:') ? 'Rows' : 'Column');
  const found = await walkAll(walks, neighbours, kindOf);
  return found.map(({ levels, byKind, truncated }, at) => {
    const { direction, depth, datasetId } = walks[at] as ColumnWalk;
    const jobIds = new Set<string>();
    const datasetIds = new Set<string>();
    for (const [node, level] of levels) {
      if (level > 0) datasetIds.add(places.get(node)?.datasetId ?? '');
      if (level < depth) for (const [, jobId] of looked.get(`${direction} ${node}`) ?? []) if (jobId !== null) jobIds.add(jobId);
    }
    const listed = (kind: string): Place[] => (byKind.get(kind) ?? []).flatMap((node) => places.get(node) ?? []);
    return {
      columns: listed('Column') as ColumnReferenceReference[],
      whole: listed('Rows').map((place) => place.datasetId),
      datasetIds: [...datasetIds].slice(0, LINEAGE_BOUND),
      jobIds: [...jobIds].slice(0, LINEAGE_BOUND),
      truncated: truncated || jobIds.size > LINEAGE_BOUND,
      start: datasetId,
      direction,
    };
  });
}

/** What each column, or all rows of a dataset, is made from. */
export async function readColumnInputs(store: Store, nodes: readonly string[]): Promise<ColumnEdgeDocument[][]> {
  const found = await scanAll(store, columnEdges.byTo, nodes.map((node) => [node]), { limit: LINEAGE_BOUND });
  return found.map((entries) => entries.map(({ document }) => document));
}

/** True for each column from which or to which any edge leads. Two commands. */
export async function readIsNamed(store: Store, nodes: readonly string[]): Promise<boolean[]> {
  const prefixes = nodes.map((node) => [node]);
  const [down, up] = await Promise.all([scanAll(store, columnEdges.byFrom, prefixes, { limit: 1 }), scanAll(store, columnEdges.byTo, prefixes, { limit: 1 })]);
  return nodes.map((_, at) => (down[at] ?? []).length + (up[at] ?? []).length > 0);
}

/** Reached datasets whose jobs are asked for, with the way the walk went. */
export interface Trace {
  readonly datasetIds: readonly string[];
  readonly direction: Direction;
}

/**
 * Of each trace, the jobs that read its datasets (downstream) or write them (upstream) and of which no event says, for all that
 * they write, from which columns they make it. Three commands.
 */
export async function readUntracedJobs(store: Store, traces: readonly Trace[]): Promise<string[][]> {
  const pairs = traces.flatMap(({ datasetIds, direction }) => datasetIds.map((datasetId) => ({ datasetId, kind: direction === 'downstream' ? 'IN' : 'OUT' })));
  const keys = [...new Map(pairs.map((pair) => [`${pair.kind} ${pair.datasetId}`, pair])).values()];
  const found = await scanAll(store, edges.byDataset, keys.map(({ datasetId, kind }) => [datasetId, kind]), { limit: LINEAGE_BOUND });
  const jobsOf = new Map(keys.map(({ datasetId, kind }, at) => [`${kind} ${datasetId}`, (found[at] ?? []).map(({ document }) => document.jobId)]));
  const jobIds = [...new Set([...jobsOf.values()].flat())];
  const [written, words] = await Promise.all([
    scanAll(store, edges.byJob, jobIds.map((jobId) => [jobId, 'OUT']), { limit: LINEAGE_BOUND }),
    scanAll(store, columnWords.byJob, jobIds.map((jobId) => [jobId]), { limit: LINEAGE_BOUND }),
  ]);
  const outputsOf = new Map(jobIds.map((jobId, at) => [jobId, (written[at] ?? []).map(({ document }) => document.datasetId)]));
  const tracedOf = new Map(jobIds.map((jobId, at) => [jobId, new Set((words[at] ?? []).map(({ document }) => document.datasetId))]));
  return traces.map(({ datasetIds, direction }) => {
    const untraced = new Set<string>();
    for (const datasetId of datasetIds) {
      for (const jobId of jobsOf.get(`${direction === 'downstream' ? 'IN' : 'OUT'} ${datasetId}`) ?? []) {
        const wanted = direction === 'upstream' ? [datasetId] : (outputsOf.get(jobId) ?? []);
        if (wanted.length === 0 || wanted.some((each) => tracedOf.get(jobId)?.has(each) !== true)) untraced.add(jobId);
      }
    }
    return [...untraced].slice(0, LINEAGE_BOUND);
  });
}

/** The tests of each dataset, newest result of each. */
export async function readChecks(store: Store, datasetIds: readonly string[]): Promise<DatasetCheckDocument[][]> {
  const found = await scanAll(store, checks.byDataset, datasetIds.map((id) => [id]), { limit: LINEAGE_BOUND });
  return found.map((entries) => entries.map(({ document }) => document));
}
