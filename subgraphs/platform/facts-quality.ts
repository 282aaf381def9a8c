import { isJsonObject } from '../../kit/ingest/json-object.ts';
import { type Body, countOf, listOf, membersOf, momentOf, numberOf, textOf } from './facts-values.ts';

/** The most assertions, columns and quantiles that are read of one facet. */
const BOUND = 1_000;

/** What was tested of a dataset or of one of its columns, and whether it held. */
export interface AssertionFact {
  readonly assertion: string;
  readonly success: boolean;
  readonly column: string | null;
  readonly name: string | null;
  readonly severity: string | null;
  readonly description: string | null;
  readonly expected: string | null;
  readonly actual: string | null;
}

/** A value as text: emitters write numbers where the specification wants text. */
const wordOf = (value: unknown): string | null => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : textOf(value));

/** The assertions of a `dataQualityAssertions` facet. */
export function toAssertions(body: unknown): AssertionFact[] {
  return listOf(isJsonObject(body) ? body['assertions'] : null)
    .filter(isJsonObject)
    .flatMap((each) => {
      const assertion = textOf(each['assertion']);
      const success = each['success'];
      if (assertion === null || typeof success !== 'boolean') return [];
      return [{
        assertion,
        success,
        column: textOf(each['column']),
        name: textOf(each['name']),
        severity: textOf(each['severity']),
        description: textOf(each['description']),
        expected: wordOf(each['expected']),
        actual: wordOf(each['actual']),
      }];
    })
    .slice(0, BOUND);
}

/** Figures of one column over the rows that were evaluated. */
export interface ColumnMetricsFact {
  readonly column: string;
  readonly nulls: number | null;
  readonly distinct: number | null;
  readonly values: number | null;
  readonly sum: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
}

/** Figures of a dataset. */
export interface MetricsFact {
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly files: number | null;
  readonly lastUpdatedAt: number | null;
  readonly columns: readonly ColumnMetricsFact[];
}

function toQuantiles(body: unknown): { quantile: number; value: number }[] {
  return membersOf(body)
    .flatMap(([name, each]) => {
      const [quantile, value] = [Number(name), numberOf(each)];
      return value === null || !(quantile >= 0 && quantile <= 1) ? [] : [{ quantile, value }];
    })
    .sort((one, other) => one.quantile - other.quantile)
    .slice(0, BOUND);
}

function toColumnMetrics([column, body]: readonly [string, unknown]): ColumnMetricsFact[] {
  if (!isJsonObject(body)) return [];
  return [{
    column,
    nulls: countOf(body['nullCount']),
    distinct: countOf(body['distinctCount']),
    values: countOf(body['count']),
    sum: numberOf(body['sum']),
    min: numberOf(body['min']),
    max: numberOf(body['max']),
    quantiles: toQuantiles(body['quantiles']),
  }];
}

/** The figures of a `dataQualityMetrics` facet; null where it has none. */
export function toMetrics(body: Body | null): MetricsFact | null {
  if (body === null) return null;
  return {
    rows: countOf(body['rowCount']),
    bytes: countOf(body['bytes']),
    files: countOf(body['fileCount']),
    lastUpdatedAt: momentOf(body['lastUpdated']),
    columns: membersOf(body['columnMetrics']).slice(0, BOUND).flatMap(toColumnMetrics),
  };
}
