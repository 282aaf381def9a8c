import { z } from 'zod';

/** Where a refused event came in. Each keeps its own refusals, so that a flood at one hides nothing of another. */
export const RECEIVERS = ['CLOUDEVENTS', 'CMCD', 'IMPORT', 'OPENLINEAGE', 'SUBGRAPHS', 'SURVEYS'] as const;
export type ReceiverName = (typeof RECEIVERS)[number];

/** The longest beginning of an unreadable body that is kept, in characters. */
export const LONGEST_EXCERPT = 400;
/** The longest body that is kept, in bytes of canonical JSON. */
export const LARGEST_BODY = 1_048_576;

/**
 * `refusal`: something that came in and was not taken. Its identity is its receiver, its kind and its body with people and
 * secrets replaced (the excerpt where no body is kept); the same again is counted, and its last reason stands.
 */
export const refusalEvent = z.object({
  receiver: z.enum(RECEIVERS),
  /** The kind of event that its owner refused; null where the bytes held no event. */
  kind: z.string().min(1).max(100).nullable(),
  code: z.string().min(1).max(100),
  field: z.string().max(1_000).nullable(),
  message: z.string().max(4_000),
  /** The event as it came; left out where it is too large, nested too deep, or no event at all. */
  body: z.unknown().optional(),
  /** How the bytes began, where no body is given; letters and digits are masked. */
  excerpt: z.string().max(LONGEST_EXCERPT).nullish(),
});
export type RefusalEvent = z.infer<typeof refusalEvent>;

/** Index keys hold the type; an index entry has at most 1,978 bytes. */
const typeName = z.string().min(1).refine((text) => Buffer.byteLength(text) <= 400, { message: 'expected at most 400 bytes' });

/** `unclaimed-event`: a CloudEvent, in its JSON form, of a type that no subgraph takes. Its identity is its source and id. */
export const unclaimedEvent = z.looseObject({
  type: typeName,
  source: z.string().min(1),
  id: z.string().min(1),
  time: z.string().nullish(),
});
export type UnclaimedEvent = z.infer<typeof unclaimedEvent>;

/** `settled`: a refusal or an unclaimed event that its owner has taken since. */
export const settledEvent = z.object({
  /** As the graph shows it. */
  id: z.string().regex(/^(?:Refusal|UnclaimedEvent):[\w-]{22}$/),
});
