import { z } from 'zod';
import { NAME_BYTES } from '../../kit/graph/id.ts';
import { parseInstant } from '../../kit/ingest/time.ts';

/** `note`: one note. Its identity is its source and id, as CloudEvents has it; the same with another content is refused. */
export const noteEvent = z.looseObject({
  source: z.string().min(1),
  id: z.string().min(1),
  /** The team's full name. */
  team: z.string().min(1).refine((name) => Buffer.byteLength(name) <= NAME_BYTES, {
    message: `expected a team's name of at most ${NAME_BYTES} bytes`,
  }),
  text: z.string().max(10_000),
  writtenAt: z.string().refine((text) => parseInstant(text) !== null, {
    message: 'expected an RFC 3339 instant such as 2024-11-17T00:00:00Z',
  }),
});
export type NoteEvent = z.infer<typeof noteEvent>;
