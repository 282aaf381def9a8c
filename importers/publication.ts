import { parseInstant } from '../kit/ingest/time.ts';
import { shown } from './cells.ts';
import { FileError, type Parameters } from './importer.ts';

/** The parameter `published-at`; null where it is not given. @throws FileError FILE_BAD_PARAMETER */
export function publishedAtOf(parameters: Parameters): string | null {
  const text = parameters['published-at'];
  if (text === undefined) return null;
  if (parseInstant(text) === null) {
    throw new FileError('FILE_BAD_PARAMETER', `published-at: expected an instant such as 2024-11-19T20:00:00Z, got ${shown(text)}`);
  }
  return text;
}
