import { LARGEST_BODY, LONGEST_EXCERPT } from '../../subgraphs/intake/events.ts';
import type { ReceiverName, RefusalEvent } from '../../subgraphs/intake/events.ts';
import { DEEPEST_EVENT, findUnsayable, isTooDeep } from '../../kit/ingest/sayable.ts';
import { maskText } from '../../kit/ingest/personal.ts';
import type { Rejection } from '../../kit/subgraph.ts';

/** Something that came in and was not taken. */
export interface Refused extends Omit<Rejection, 'index'> {
  /** Where it came in. */
  readonly receiver: ReceiverName;
  /** The kind whose owner refused it; null where nobody could tell. */
  readonly kind: string | null;
  /** The event, or the bytes that are none: of bytes only how they begin is kept, masked. */
  readonly came: { readonly event: unknown } | { readonly bytes: Uint8Array };
}

const toExcerpt = (text: string): string => maskText(text.slice(0, LONGEST_EXCERPT));

function toBody(came: Refused['came']): Pick<RefusalEvent, 'body' | 'excerpt'> {
  // A few bytes more, since a character may have four; the last may be cut.
  if ('bytes' in came) return { excerpt: toExcerpt(Buffer.from(came.bytes.subarray(0, 4 * LONGEST_EXCERPT)).toString('utf8')) };
  // One level less, for the refusal that it stands in.
  if (isTooDeep(came.event, DEEPEST_EVENT - 1)) return { excerpt: '{nested too deep to be kept}' };
  const text = JSON.stringify(came.event) ?? 'null';
  return Buffer.byteLength(text) > LARGEST_BODY || findUnsayable(came.event) !== null ? { excerpt: toExcerpt(text) } : { body: came.event };
}

/** The event that tells the subgraph `intake` of it, within the bounds of its kind. */
export function toRefusalEvent({ receiver, kind, code, field, message, came }: Refused): RefusalEvent {
  return {
    receiver,
    kind: kind === null || kind === '' ? null : kind.slice(0, 100).toWellFormed(),
    code,
    field: field?.slice(0, 1_000).toWellFormed() ?? null,
    message: message.slice(0, 4_000).toWellFormed(),
    ...toBody(came),
  };
}
