import { CLOUD_EVENT_KINDS, readCloudEvent } from './cloud-event.ts';
import type { Importer } from './importer.ts';
import { readJsonValues } from './json-values.ts';

/** Files of CloudEvents in structured form, as brokers and buckets keep them. */
export const cloudevents: Importer = {
  kind: 'cloudevents',
  description: `CloudEvents 1.0 as NDJSON or a JSON array, of the types ${Object.keys(CLOUD_EVENT_KINDS).join(', ')}`,
  parameters: {},
  async *read(bytes) {
    for await (const row of readJsonValues(bytes, 'CloudEvents as NDJSON or a JSON array')) {
      const { line } = row;
      if ('problem' in row) yield { line, rejected: { code: 'ROW_INVALID', field: null, message: row.problem } };
      else yield { line, ...readCloudEvent(row.value) };
    }
  },
};
