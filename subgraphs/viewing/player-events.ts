import { z } from 'zod';
import { parseInstant } from '../../kit/ingest/time.ts';

/** The longest text of a source, a session id or a content id that is taken, in characters; CTA-5004-B allows 128 at most. */
const LONGEST_NAME = 200;

const name = z
  .string()
  .min(1, 'expected a text that is not empty')
  .max(LONGEST_NAME, `expected at most ${LONGEST_NAME} characters`)
  .refine((text) => text.isWellFormed(), { error: 'expected whole characters, got half of one' });

/** True for a text that can name a session or what is played. */
export const isPlayerName = (value: unknown): value is string => name.safeParse(value).success;

/**
 * One line of a CMCD version 2 event report (CTA-5004-B), decoded: keys as on the wire; tokens and strings as text; an item
 * with parameters, alone or in a list, as `{ value, params }`. Identity: source, `sid`, `sn` and the content.
 */
export const cmcdReportEvent = z.object({
  /** Who collects: the namespace of the shows that `cid` names. */
  source: name,
  /** When the line came in; now, where nobody says. Counts where the report does not say its moment. */
  receivedAt: z.string().refine((text) => parseInstant(text) !== null, { error: 'expected an RFC 3339 instant such as 2024-11-17T00:00:00Z' }).nullish(),
  report: z.looseObject({
    e: z.string({ error: 'expected the kind of event as a token, such as ps' }).regex(/^[a-z]{1,8}$/, 'expected the kind of event as a token, such as ps'),
    v: z.literal(2, { error: 'expected version 2, the first that has events' }).optional(),
  }),
});
export type CmcdReportEvent = z.infer<typeof cmcdReportEvent>;
