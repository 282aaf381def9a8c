import { readCloudEvent } from './cloud-event.ts';
import { FileError, toUnreadable, type Importer } from './importer.ts';
import { readJsonValues } from './json-values.ts';

/** One whose form is not right is a bad row of a good file; what has neither member is of another kind. */
const isLikeCloudEvent = (value: unknown): boolean => typeof value === 'object' && value !== null && ('specversion' in value || 'type' in value);

/** Makes the importer of files of CloudEvents in their JSON form, as brokers and buckets keep them; `types` says which kinds are taken. */
export function createCloudEvents(types: ReadonlyMap<string, string>): Importer {
  return {
    kind: 'cloudevents',
    description: `CloudEvents 1.0 as NDJSON or a JSON array; types that are taken are ${[...types.keys()].join(', ')}, others are kept and listed`,
    parameters: {},
    async *read(bytes) {
      let isKnown = false;
      for await (const row of readJsonValues(bytes, 'CloudEvents as NDJSON or a JSON array')) {
        const { line } = row;
        if (!isKnown && 'value' in row) {
          if (!isLikeCloudEvent(row.value)) throw new FileError('FILE_WRONG_KIND', `expected CloudEvents, which say their \`specversion\` and \`type\`, got something else in line ${line}`);
          isKnown = true;
        }
        if ('problem' in row) yield toUnreadable(row);
        else yield { line, ...readCloudEvent(row.value, types) };
      }
    },
  };
}
