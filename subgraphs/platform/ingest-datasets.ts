import { originOf, toId } from '../../kit/graph/id.ts';
import { hash } from '../../kit/ingest/canonical.ts';
import { isJsonObject } from '../../kit/ingest/json-object.ts';
import type { DatasetDocument, Stamp } from './documents.ts';
import type { ColumnWordDocument, DatasetCheckDocument, SchemaDocument, StoredColumnSource } from './documents-columns.ts';
import { bodyOf, toFacets } from './facts.ts';
import { type ColumnFact, type ColumnSource, toColumnLineage } from './facts-columns.ts';
import { toAssertions } from './facts-quality.ts';
import { isDeletion } from './facts-values.ts';

export const datasetIdOf = (namespace: string, name: string): string => toId('Dataset', namespace, name);

/** A schema that an event names of a dataset. */
export interface SchemaTold {
  readonly datasetId: string;
  readonly at: number;
  readonly schema: SchemaDocument;
}

/** What an event says of one dataset, split by the documents that it is folded into. */
export interface Mention {
  readonly dataset: DatasetDocument;
  /** Datasets that only its column lineage may name. */
  readonly sources: readonly DatasetDocument[];
  readonly word: ColumnWordDocument | null;
  readonly schema: SchemaTold | null;
  readonly checks: readonly DatasetCheckDocument[];
}

/** Which event says it, and which job it says to make the dataset. */
interface Telling {
  readonly at: number;
  readonly stamp: Stamp;
  readonly runId: string | null;
  readonly writerId: string | null;
}

interface EventDataset {
  readonly namespace: string;
  readonly name: string;
  readonly facets?: unknown;
  readonly inputFacets?: unknown;
  readonly outputFacets?: unknown;
}

/** Sources of one column lineage that are kept; the rest stays in the event's body. */
const SOURCE_BOUND = 10_000;

const facetIn = (facets: unknown, name: string): unknown => (isJsonObject(facets) && Object.hasOwn(facets, name) ? facets[name] : undefined);

/** A dataset that an event names, with the facets that the dataset keeps. */
export function toDataset({ namespace, name, facets }: EventDataset, stamp: Stamp): DatasetDocument {
  return {
    id: datasetIdOf(namespace, name),
    namespace,
    name,
    origin: originOf(namespace),
    facets: toFacets(facets, 'dataset', stamp),
    columnLineageDeleted: isDeletion(facetIn(facets, 'columnLineage')) ? stamp : null,
    assertionsDeleted: isDeletion(facetIn(facets, 'dataQualityAssertions')) ? stamp : null,
  };
}

/** Reads what an event says of a dataset. */
export function toMention(event: EventDataset, telling: Telling): Mention {
  const dataset = toDataset(event, telling.stamp);
  const lineage = facetIn(event.facets, 'columnLineage');
  const isTold = isJsonObject(lineage) && !isDeletion(lineage);
  const { columns, rows } = isTold ? toColumnLineage(lineage) : { columns: [], rows: [] };
  const sources = [...columns.flatMap(([, from]) => from), ...rows].slice(0, SOURCE_BOUND);
  return {
    dataset,
    sources: [...new Map(sources.map((source) => [datasetIdOf(source.namespace, source.name), source])).values()].map(({ namespace, name }) =>
      toDataset({ namespace, name }, telling.stamp),
    ),
    word: isTold ? toWord(dataset.id, [...columns, [null, rows]], telling) : null,
    schema: toSchema(dataset, telling.at),
    checks: toChecks(dataset.id, event, telling),
  };
}

function toWord(
  datasetId: string,
  told: readonly (readonly [column: string | null, sources: readonly ColumnSource[]])[],
  { stamp, writerId }: Telling,
): ColumnWordDocument {
  let left = SOURCE_BOUND;
  const columns = told.map(([column, sources]) => {
    const kept = sources.slice(0, left);
    left -= kept.length;
    return [column, kept.map(({ namespace, name, field, transformations }): StoredColumnSource => [datasetIdOf(namespace, name), field, transformations])] as const;
  }).filter(([, sources]) => sources.length > 0);
  return { id: toId('ColumnWord', writerId, datasetId), jobId: writerId, datasetId, stamp, stands: true, content: hash(columns), columns };
}

function toSchema({ id: datasetId, facets }: DatasetDocument, at: number): SchemaTold | null {
  const columns = (bodyOf<ColumnFact[]>(facets, 'schema') ?? []).map(({ name, type }) => [name, type] as const);
  return columns.length === 0 ? null : { datasetId, at, schema: { id: hash(columns), columns } };
}

/** The tests of a dataset are facets of a reading or a writing, or of the dataset itself. */
function toChecks(datasetId: string, { facets, inputFacets, outputFacets }: EventDataset, { stamp, runId }: Telling): DatasetCheckDocument[] {
  return [facets, inputFacets, outputFacets].flatMap((place) =>
    toAssertions(facetIn(place, 'dataQualityAssertions')).map((fact) => ({
      id: toId('DatasetCheck', datasetId, fact.assertion, fact.column, fact.name),
      datasetId,
      stamp,
      runId,
      fact,
    })),
  );
}
