import type { Connection } from '../../kit/graph/connection.ts';
import { defineCollection } from '../../kit/store/port.ts';

export interface NoteDocument {
  readonly id: string;
  /** Tells the same event from another of one identity. */
  readonly contentHash: string;
  readonly teamId: string;
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly writtenAt: number;
}

export type NoteConnectionReference = Connection<NoteDocument>;

/** An entity of another subgraph is known by its id alone. */
export interface TeamReference {
  readonly id: string;
}

/** A collection's name begins with its subgraph's; its indexes are the orders in which it is read. */
export const notes = defineCollection<NoteDocument, 'byTeam'>('template.notes', {
  byTeam: (note) => [note.teamId, note.writtenAt],
});
