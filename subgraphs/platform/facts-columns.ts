import { isJsonObject } from '../../kit/ingest/json-object.ts';
import { listOf, textOf, type Body } from './facts-values.ts';

/** The most columns that are read from one facet. */
export const COLUMN_BOUND = 10_000;
/** The most sources that one column, or the rows of one dataset, is read to have. */
const SOURCE_BOUND = 1_000;
/** The most transformations that are read of one source. */
const TRANSFORMATION_BOUND = 20;

/** A column as a schema facet has it; nested fields are joined by dots. */
export interface ColumnFact {
  readonly name: string;
  readonly type: string | null;
  readonly description: string | null;
}

/** The columns of a schema facet: in the order of `ordinal_position` where every field of a level has one, else as listed. */
export function toColumns(fields: unknown, prefix = ''): ColumnFact[] {
  const listed = listOf(fields).filter(isJsonObject);
  const places = listed.map((field) => field['ordinal_position']);
  const ordered = places.every((place) => typeof place === 'number')
    ? [...listed].sort((one, other) => Number(one['ordinal_position']) - Number(other['ordinal_position']))
    : listed;
  const columns: ColumnFact[] = [];
  for (const field of ordered) {
    if (typeof field['name'] !== 'string') continue;
    const name = `${prefix}${field['name']}`;
    columns.push({ name, type: textOf(field['type']), description: textOf(field['description']) });
    if (prefix.length < 400) columns.push(...toColumns(field['fields'], `${name}.`));
    if (columns.length >= COLUMN_BOUND) break;
  }
  return columns.slice(0, COLUMN_BOUND);
}

/** How a column is made from another, as an emitter writes it: `DIRECT` or `INDIRECT`, and of what kind. */
export interface TransformationFact {
  readonly type: string;
  readonly subtype: string | null;
  readonly description: string | null;
  readonly masking: boolean | null;
}

/** A column that another one, or all rows of a dataset, is made from. */
export interface ColumnSource {
  readonly namespace: string;
  readonly name: string;
  readonly field: string;
  readonly transformations: readonly TransformationFact[];
}

/** What a `columnLineage` facet says: of each column its sources, and the columns that decide which rows there are. */
export interface ColumnLineageFact {
  readonly columns: readonly (readonly [column: string, sources: readonly ColumnSource[]])[];
  readonly rows: readonly ColumnSource[];
}

function toTransformations(source: Body, column: Body | null): TransformationFact[] {
  const listed = listOf(source['transformations'])
    .filter(isJsonObject)
    .flatMap((each) => {
      const type = textOf(each['type'])?.toUpperCase() ?? null;
      const masking = typeof each['masking'] === 'boolean' ? each['masking'] : null;
      return type === null ? [] : [{ type, subtype: textOf(each['subtype']), description: textOf(each['description']), masking }];
    });
  if (listed.length > 0 || column === null) return listed.slice(0, TRANSFORMATION_BOUND);
  // Before version 1-1-0 a column had one word on all of its sources.
  const subtype = textOf(column['transformationType']);
  const description = textOf(column['transformationDescription']);
  return subtype === null && description === null ? [] : [{ type: 'DIRECT', subtype, description, masking: subtype === null ? null : subtype === 'MASKED' }];
}

function toSources(list: unknown, column: Body | null): ColumnSource[] {
  return listOf(list)
    .filter(isJsonObject)
    .flatMap((source) => {
      const { namespace, name, field } = source;
      if (typeof namespace !== 'string' || typeof name !== 'string' || typeof field !== 'string') return [];
      return [{ namespace, name, field, transformations: toTransformations(source, column) }];
    })
    .slice(0, SOURCE_BOUND);
}

/** Reads a `columnLineage` facet of any version up to 1-2-0. */
export function toColumnLineage(body: Body): ColumnLineageFact {
  const fields = isJsonObject(body['fields']) ? Object.entries(body['fields']) : [];
  return {
    columns: fields.slice(0, COLUMN_BOUND).map(([column, from]) => [column, isJsonObject(from) ? toSources(from['inputFields'], from) : []] as const),
    rows: toSources(body['dataset'], null),
  };
}
