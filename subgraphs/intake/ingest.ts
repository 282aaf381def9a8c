import { toId } from '../../kit/graph/id.ts';
import { hash, hashText, toCanonicalJson } from '../../kit/ingest/canonical.ts';
import { maskText, replacePersonal, replacePersonalText } from '../../kit/ingest/personal.ts';
import { parseInstant } from '../../kit/ingest/time.ts';
import type { LedgerDocument, RefusalDocument, UnclaimedEventDocument } from './documents.ts';
import { LARGEST_BODY } from './events.ts';
import type { ReceiverName, RefusalEvent, UnclaimedEvent } from './events.ts';

type Pseudonym = (identifier: string) => string;

/** A refusal without its place. */
export type Refusal = Omit<RefusalDocument, 'id' | 'isListed'>;

/** A receiver keeps so many refusals. */
export const MOST_KEPT = 1_000;
/** And so many bytes of their bodies: 16 MiB. */
const MOST_BYTES = 16 * LARGEST_BODY;

/**
 * A refused event as it may be kept: no person, no secret.
 * @throws RangeError for a body that is too large or nested too deep; TypeError for what JSON cannot say.
 */
export function toRefusal(event: RefusalEvent, pseudonym: Pseudonym, receivedAt: number): Refusal {
  const { receiver, kind, code } = event;
  const body = event.body === undefined ? null : toCanonicalJson(replacePersonal(hidePeople(event.body, pseudonym), pseudonym));
  if (body !== null && Buffer.byteLength(body) > LARGEST_BODY) throw new RangeError(`expected a body of at most ${LARGEST_BODY} bytes`);
  const excerpt = body === null && typeof event.excerpt === 'string' ? maskText(event.excerpt) : null;
  return {
    refusalId: toId('Refusal', receiver, kind, body === null ? null : hashText(body), excerpt),
    receiver,
    kind,
    code,
    field: event.field === null ? null : replacePersonalText(event.field, pseudonym),
    message: replacePersonalText(event.message, pseudonym),
    body,
    excerpt,
    times: 1,
    firstReceivedAt: receivedAt,
    lastReceivedAt: receivedAt,
  };
}

/** A team's event lists its people under a name that says so only there: they are replaced as its receiver would. */
function hideMembers(body: object, pseudonym: Pseudonym): object {
  if (!('members' in body) || !Array.isArray(body.members)) return body;
  const members = body.members.map((member: unknown) =>
    typeof member !== 'string' || member.startsWith('person:') ? member : `person:${pseudonym(member)}`,
  );
  return { ...body, members };
}

/** A tool's number of a response is one of a person: replaced as the receiver of answers would, so that it is the same one when sent again. */
function hideResponseId(body: object, pseudonym: Pseudonym): object {
  if (!('responseId' in body) || typeof body.responseId !== 'string' || /^person:[\w-]{22}$/.test(body.responseId) || !body.responseId.isWellFormed()) return body;
  return { ...body, responseId: `person:${pseudonym(`response ${hash(body.responseId)}`)}` };
}

/** Hides in a body, and in the data of a CloudEvent that is none, what names people only in its own kind of event. */
function hidePeople(body: unknown, pseudonym: Pseudonym): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const hidden = hideResponseId(hideMembers(body, pseudonym), pseudonym);
  if (!('data' in hidden) || typeof hidden.data !== 'object' || hidden.data === null || Array.isArray(hidden.data)) return hidden;
  return { ...hidden, data: hideResponseId(hideMembers(hidden.data, pseudonym), pseudonym) };
}

/** The same refusal once more: the last reason stands. */
export function mergeRefusals(earlier: Refusal, later: Refusal): Refusal {
  return {
    ...later,
    times: earlier.times + later.times,
    firstReceivedAt: Math.min(earlier.firstReceivedAt, later.firstReceivedAt),
    lastReceivedAt: Math.max(earlier.lastReceivedAt, later.lastReceivedAt),
  };
}

/** The id of a receiver's place. */
export const placeIdOf = (receiver: string, place: number): string => `${receiver}|${place}`;

/** Which refusal stands in which place of a receiver, while a commit changes it. */
export class Ledger {
  private readonly receiver: ReceiverName;
  private readonly kept: Map<string, { readonly place: number; readonly bytes: number }>;
  private readonly free: number[] = [];
  private next: number;
  private bytes = 0;
  private dropped: number;
  private refused: number;

  constructor(receiver: ReceiverName, document: LedgerDocument | null) {
    this.receiver = receiver;
    this.kept = new Map((document?.kept ?? []).map(([id, place, bytes]) => [id, { place, bytes }]));
    this.dropped = document?.dropped ?? 0;
    this.refused = document?.refused ?? 0;
    const used = new Set<number>();
    for (const { place, bytes } of this.kept.values()) {
      used.add(place);
      this.bytes += bytes;
    }
    this.next = 0;
    for (const place of used) this.next = Math.max(this.next, place + 1);
    for (let place = this.next - 1; place >= 0; place -= 1) if (!used.has(place)) this.free.push(place);
  }

  /** The place of a refusal; null where it is not kept. */
  placeOf(refusalId: string): string | null {
    const entry = this.kept.get(refusalId);
    return entry === undefined ? null : placeIdOf(this.receiver, entry.place);
  }

  /** Gives a refusal its place, as the newest; `cleared` are the places of those that made room and were not used again. */
  keep({ refusalId, body }: Refusal): { readonly place: string; readonly cleared: readonly string[] } {
    this.refused += 1;
    const bytes = body === null ? 0 : Buffer.byteLength(body);
    const entry = this.kept.get(refusalId);
    if (entry !== undefined) {
      // Deleted first, so that it is the newest again.
      this.kept.delete(refusalId);
      this.kept.set(refusalId, entry);
      return { place: placeIdOf(this.receiver, entry.place), cleared: [] };
    }
    const cleared: number[] = [];
    while (this.kept.size >= MOST_KEPT || (this.kept.size > 0 && this.bytes + bytes > MOST_BYTES)) {
      const [oldest] = this.kept.keys();
      cleared.push(this.remove(oldest as string) as number);
      this.dropped += 1;
    }
    const place = this.free.pop() ?? this.next++;
    this.kept.set(refusalId, { place, bytes });
    this.bytes += bytes;
    return { place: placeIdOf(this.receiver, place), cleared: cleared.filter((each) => each !== place).map((each) => placeIdOf(this.receiver, each)) };
  }

  /** Frees the place of a refusal that was taken since. */
  settle(refusalId: string): void {
    this.remove(refusalId);
  }

  private remove(refusalId: string): number | null {
    const entry = this.kept.get(refusalId);
    if (entry === undefined) return null;
    this.kept.delete(refusalId);
    this.bytes -= entry.bytes;
    this.free.push(entry.place);
    return entry.place;
  }

  toDocument(): LedgerDocument {
    return {
      id: this.receiver,
      kept: [...this.kept].map(([id, { place, bytes }]) => [id, place, bytes]),
      dropped: this.dropped,
      refused: this.refused,
    };
  }
}

/**
 * An unclaimed event as it is kept.
 * @throws RangeError for one that is nested too deep; TypeError for what JSON cannot say.
 */
export function toUnclaimedEvent(event: UnclaimedEvent, pseudonym: Pseudonym, receivedAt: number): UnclaimedEventDocument {
  const kept = replacePersonal(event, pseudonym);
  const text = toCanonicalJson(kept);
  return {
    id: toId('UnclaimedEvent', event.source, event.id),
    contentHash: hashText(text),
    type: kept.type,
    source: kept.source,
    eventId: kept.id,
    time: parseInstant(kept.time ?? '')?.ms ?? null,
    receivedAt,
    event: text,
  };
}
