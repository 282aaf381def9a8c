import { readCloudEvent } from './cloud-event.ts';
import type { Importer } from './importer.ts';
import { readJsonValues } from './json-values.ts';

/** Makes the importer of files of CloudEvents in their JSON form, as brokers and buckets keep them; `types` says which kinds are taken. */
export function createCloudEvents(types: ReadonlyMap<string, string>): Importer {
  return {
    kind: 'cloudevents',
    description: `CloudEvents 1.0 as NDJSON or a JSON array; types that are taken are ${[...types.keys()].join(', ')}, others are kept and listed`,
    parameters: {},
    async *read(bytes) {
      for await (const row of readJsonValues(bytes, 'CloudEvents as NDJSON or a JSON array')) {
        const { line } = row;
        if ('problem' in row) yield { line, rejected: { code: 'ROW_INVALID', field: null, message: row.problem } };
        else yield { line, ...readCloudEvent(row.value, types) };
      }
    },
  };
}
