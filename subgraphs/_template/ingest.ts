import { toId, toNameId } from '../../kit/graph/id.ts';
import { hash } from '../../kit/ingest/canonical.ts';
import { parseInstant } from '../../kit/ingest/time.ts';
import type { NoteDocument } from './documents.ts';
import type { NoteEvent } from './events.ts';

/** The document of an event: pure, so that the same event gives the same document wherever and whenever it comes. */
export function toNote(event: NoteEvent): NoteDocument {
  return {
    id: toId('Note', event.source, event.id),
    contentHash: hash(event),
    teamId: toNameId('Team', event.team),
    text: event.text,
    writtenAt: parseInstant(event.writtenAt)?.ms ?? 0,
  };
}
