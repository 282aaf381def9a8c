import { replacePersonal } from '../../kit/ingest/personal.ts';
import { rejectEvent } from '../../kit/ingest/receipt.ts';
import { FUTURE_ALLOWANCE_MS } from '../../kit/ingest/time.ts';
import { validateEvents } from '../../kit/ingest/validate.ts';
import type { Receipt, Receiver, Rejection } from '../../kit/subgraph.ts';
import { type NoteDocument, notes } from './documents.ts';
import { noteEvent } from './events.ts';
import { toNote } from './ingest.ts';

/** Takes `note` events in one commit. What is read and put in `work` is all or nothing; it may run again after a conflict. */
export const receiveNotes: Receiver = async ({ store, pseudonym, now }, events) => {
  const { valid, rejected } = validateEvents(noteEvent, events);
  const arrived = valid.map(({ index, event }) => ({ index, note: toNote(replacePersonal(event, pseudonym)) }));
  const latest = now() + FUTURE_ALLOWANCE_MS;
  return store.commit(async (transaction): Promise<Receipt> => {
    const known = new Map<string, NoteDocument>();
    for (const note of await transaction.get(notes, arrived.map((each) => each.note.id))) {
      if (note) known.set(note.id, note);
    }
    const refused: Rejection[] = [...rejected];
    let accepted = 0;
    for (const { index, note } of arrived) {
      const earlier = known.get(note.id);
      if (earlier) {
        if (earlier.contentHash !== note.contentHash) {
          refused.push(rejectEvent(index, 'EVENT_CONFLICT', 'id', 'expected a new id for new content, got one sent before with another'));
        }
      } else if (note.writtenAt > latest) {
        refused.push(rejectEvent(index, 'EVENT_IN_FUTURE', 'writtenAt', 'expected a time at most a day ahead of receipt'));
      } else {
        known.set(note.id, note);
        transaction.put(notes, note);
        accepted += 1;
      }
    }
    refused.sort((a, b) => a.index - b.index);
    return { accepted, repeated: events.length - accepted - refused.length, rejected: refused };
  });
};
