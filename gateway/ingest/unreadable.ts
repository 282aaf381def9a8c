import type { ReceiverName } from '../../subgraphs/intake/events.ts';
import { Refusal } from '../faults/refusal.ts';
import { parseJson } from '../request-body.ts';
import type { Ingest } from './ingest.ts';

/** Parses a body; one that is no JSON is kept among what was refused. @throws Refusal 400 that says at which offset it stops being JSON */
export async function parseRecorded(bytes: Buffer, receiver: ReceiverName, ingest: Ingest): Promise<unknown> {
  try {
    return parseJson(bytes);
  } catch (error) {
    if (error instanceof Refusal) {
      await ingest.record([{ receiver, kind: null, code: error.code, field: null, message: error.message, came: { bytes } }]);
    }
    throw error;
  }
}
