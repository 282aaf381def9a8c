import { shown } from './cells.ts';
import { FileError, type Importer, type Row } from './importer.ts';
import { readJsonValues } from './json-values.ts';

const EXPECTED = 'OpenLineage events as NDJSON or a JSON array';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isEvent = (value: Record<string, unknown>): boolean =>
  'eventTime' in value || isObject(value['run']) || isObject(value['dataset']) || (isObject(value['job']) && 'producer' in value);

/** The event of a value: the value itself, or its `event` where a recorder put one beside `source` and `index`. */
function unwrap(value: unknown): unknown {
  if (isObject(value) && !isEvent(value) && isObject(value['event'])) return value['event'];
  return value;
}

function toRow(line: number, value: unknown): Row {
  const event = unwrap(value);
  const time = isObject(event) ? event['eventTime'] : undefined;
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
        yield { line, rejected: { code: 'ROW_INVALID', field: null, message: row.problem } };
        continue;
      }
      if (!isKnown) {
        const first = unwrap(row.value);
        if (!isObject(first) || !isEvent(first)) {
          const keys = isObject(first) ? `an object with ${Object.keys(first).slice(0, 6).join(', ') || 'nothing in it'}` : typeof first;
          throw new FileError('FILE_WRONG_KIND', `expected ${EXPECTED}, got ${keys} in line ${line}`);
        }
        isKnown = true;
      }
      yield toRow(line, row.value);
    }
  },
};
