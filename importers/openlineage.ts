import { isJsonObject } from '../kit/ingest/json-object.ts';
import { shown } from './cells.ts';
import { toUnreadable, type Importer, type Row } from './importer.ts';
import { readJsonValues, toWrongKind } from './json-values.ts';

const EXPECTED = 'OpenLineage events as NDJSON or a JSON array';

const isEvent = (value: Record<string, unknown>): boolean =>
  'eventTime' in value || 'eventType' in value || isJsonObject(value['run']) || isJsonObject(value['dataset']) || (isJsonObject(value['job']) && 'producer' in value);

/** Where recorders, queues and brokers put an event: as an object, or as its text. */
const WRAPPERS = ['event', 'payload', 'data', 'body', 'value'];

/** The event of a value: the value itself, or what it wraps beside other things, such as `source` and `index`. */
function unwrap(value: unknown): unknown {
  if (!isJsonObject(value) || isEvent(value)) return value;
  for (const wrapper of WRAPPERS) {
    const inner = toObject(value[wrapper]);
    if (inner !== null && (wrapper === 'event' || isEvent(inner))) return inner;
  }
  return value;
}

function toObject(value: unknown): Record<string, unknown> | null {
  if (isJsonObject(value)) return value;
  if (typeof value !== 'string' || !value.trimStart().startsWith('{')) return null;
  try {
    const parsed: unknown = JSON.parse(value);
    return isJsonObject(parsed) ? parsed : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The values of a line: its own, or those of a batch, be it bare or a page of Marquez's `{events, totalCount}`. */
function valuesOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) && !isEvent(value) && Array.isArray(value['events']) ? value['events'] : [value];
}

function toRow(line: number, value: unknown): Row {
  const event = unwrap(value);
  const time = isJsonObject(event) ? event['eventTime'] : undefined;
  if (typeof time === 'string' && /\{\{.*\}\}/.test(time)) {
    const message = `expected an instant, got the template ${shown(time)}: fill in the templates of this file before importing it`;
    return { line, rejected: { code: 'ROW_INVALID', field: 'eventTime', message } };
  }
  return { line, kind: 'openlineage', event };
}

/** Files of OpenLineage events, as emitters' file transports and recorders write them. */
export const openlineage: Importer = {
  kind: 'openlineage',
  description: 'OpenLineage run, job and dataset events (1-0 and 2-0) as NDJSON or a JSON array, bare or as {source, index, event}',
  parameters: {},
  async *read(bytes) {
    let isKnown = false;
    for await (const row of readJsonValues(bytes, EXPECTED)) {
      const { line } = row;
      if ('problem' in row) {
        yield toUnreadable(row);
        continue;
      }
      const values = valuesOf(row.value);
      if (!isKnown && values.length > 0) {
        const first = unwrap(values[0]);
        if (!isJsonObject(first) || !isEvent(first)) throw toWrongKind(EXPECTED, first, line);
        isKnown = true;
      }
      for (const value of values) yield toRow(line, value);
    }
  },
};
