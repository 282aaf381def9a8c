import type { Transaction } from '../../kit/store/port.ts';
import { putMissing } from './change.ts';
import { changedEdges } from './columns.ts';
import { checks, columnEdges, columnWords, datasets, schemas, schemaVersions } from './collections.ts';
import type { DatasetDocument, Stamp } from './documents.ts';
import type { ColumnWordDocument, DatasetCheckDocument, DatasetSchemaVersionDocument } from './documents-columns.ts';
import { joinFacets } from './fold.ts';
import { foldInto } from './fold-into.ts';
import type { Intake } from './ingest.ts';
import type { SchemaTold } from './ingest-datasets.ts';

const PAGE = 1_000;

/** Folds what events say of datasets: facets, schemas, the columns that they are made from, what was found of their quality. */
export async function foldDatasets(transaction: Transaction, intakes: readonly Intake[]): Promise<void> {
  const changes = await foldInto(transaction, datasets, intakes.flatMap((intake) => intake.datasets), joinDatasets);
  await foldColumnWords(transaction, changes, intakes.flatMap((intake) => intake.columnWords));
  await foldSchemas(transaction, intakes.flatMap((intake) => intake.schemas));
  await foldInto(transaction, checks, intakes.flatMap((intake) => intake.checks), laterCheck);
}

const laterStamp = (one: Stamp | null, other: Stamp | null): Stamp | null => (one === null || (other !== null && other > one) ? other : one);

function joinDatasets(one: DatasetDocument, other: DatasetDocument): DatasetDocument {
  return {
    ...one,
    facets: joinFacets(one.facets, other.facets),
    columnLineageDeleted: laterStamp(one.columnLineageDeleted, other.columnLineageDeleted),
    assertionsDeleted: laterStamp(one.assertionsDeleted, other.assertionsDeleted),
  };
}

/** Of two results of one event, that of the failure. */
function laterCheck(one: DatasetCheckDocument, other: DatasetCheckDocument): DatasetCheckDocument {
  if (one.stamp !== other.stamp) return one.stamp > other.stamp ? one : other;
  return one.fact.success ? other : one;
}

type DatasetChange = Readonly<{ before: DatasetDocument | null; after: DatasetDocument }>;

/** A word stands where no event deleted the dataset's column lineage after it; a deletion takes back those of all jobs. */
async function foldColumnWords(transaction: Transaction, changes: readonly DatasetChange[], told: readonly ColumnWordDocument[]): Promise<void> {
  const deleted = new Map(changes.map(({ after }) => [after.id, after.columnLineageDeleted]));
  const words = new Map<string, ColumnWordDocument>();
  for (const word of told) {
    const earlier = words.get(word.id);
    if (earlier === undefined || word.stamp > earlier.stamp) words.set(word.id, word);
  }
  // A deletion in another process finds no word that is not written yet, and the word no deletion.
  for (const { datasetId } of words.values()) transaction.hold(`columns ${datasetId}`);
  const stored = new Map<string, ColumnWordDocument>();
  if (words.size > 0) for (const word of await transaction.get(columnWords, [...words.keys()])) if (word !== null) stored.set(word.id, word);
  for (const { before, after } of changes) {
    if ((before?.columnLineageDeleted ?? null) === after.columnLineageDeleted) continue;
    transaction.hold(`columns ${after.id}`);
    for (const word of await readWords(transaction, after.id)) stored.set(word.id, word);
  }
  for (const id of new Set([...words.keys(), ...stored.keys()])) {
    const before = stored.get(id) ?? null;
    const newest = [before, words.get(id) ?? null].filter((word) => word !== null).reduce((one, other) => (other.stamp > one.stamp ? other : one));
    const deletion = deleted.get(newest.datasetId) ?? null;
    const after = { ...newest, stands: deletion === null || newest.stamp > deletion };
    if (before !== null && before.stamp === after.stamp && before.stands === after.stands) continue;
    transaction.put(columnWords, after);
    for (const edge of changedEdges(before, after)) transaction.put(columnEdges, edge);
  }
}

async function readWords(transaction: Transaction, datasetId: string): Promise<ColumnWordDocument[]> {
  const found: ColumnWordDocument[] = [];
  for (let after: string | undefined; ; ) {
    const page = await transaction.scan(columnWords.byDataset, { prefix: [datasetId], limit: PAGE, ...(after === undefined ? {} : { after }) });
    found.push(...page.map(({ document }) => document));
    if (page.length < PAGE) return found;
    after = page.at(-1)?.position;
  }
}

/** Versions that are looked at from a place on: the ones that were first seen in its millisecond, and the next. */
const NEIGHBOURS = 100;

/** Keeps when each schema was first and last named, and which was first named before it. */
async function foldSchemas(transaction: Transaction, told: readonly SchemaTold[]): Promise<void> {
  await putMissing(transaction, schemas, told.map(({ schema }) => schema));
  const versions = told.map(({ datasetId, at, schema }): DatasetSchemaVersionDocument => ({
    id: `${datasetId}|${schema.id}`, datasetId, schemaId: schema.id, firstAt: at, lastAt: at, previousId: null,
  }));
  const changes = await foldInto(transaction, schemaVersions, versions, (one, other) =>
    other.firstAt >= one.firstAt && other.lastAt <= one.lastAt ? one : { ...one, firstAt: Math.min(one.firstAt, other.firstAt), lastAt: Math.max(one.lastAt, other.lastAt) },
  );
  // A new version, and an earlier sight of a known one, change what comes before it and before those that it left and joined.
  const spots = changes.flatMap(({ before, after }) =>
    before?.firstAt === after.firstAt ? [] : [...(before === null ? [] : [before.firstAt]), after.firstAt].map((at) => [after.datasetId, at] as const),
  );
  for (const [datasetId, at] of spots) await linkVersions(transaction, datasetId, at);
}

async function linkVersions(transaction: Transaction, datasetId: string, from: number): Promise<void> {
  transaction.hold(`schemas ${datasetId}`);
  const entries = await transaction.scan(schemaVersions.byDataset, { prefix: [datasetId], from, limit: NEIGHBOURS });
  const [first] = entries;
  if (first === undefined) return;
  const [earlier] = await transaction.scan(schemaVersions.byDataset, { prefix: [datasetId], before: first.position, reverse: true, limit: 1 });
  let previousId = earlier?.document.schemaId ?? null;
  for (const { document } of entries) {
    if (document.previousId !== previousId) transaction.put(schemaVersions, { ...document, previousId });
    previousId = document.schemaId;
  }
}
