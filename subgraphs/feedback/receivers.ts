import type { ZodType } from 'zod';
import { hash } from '../../kit/ingest/canonical.ts';
import { replacePersonal } from '../../kit/ingest/personal.ts';
import { rejectEvent } from '../../kit/ingest/receipt.ts';
import { FUTURE_ALLOWANCE_MS, parseInstant } from '../../kit/ingest/time.ts';
import { validateEvents } from '../../kit/ingest/validate.ts';
import type { Receipt, Receiver, Rejection, Surroundings } from '../../kit/subgraph.ts';
import { commitResponses, commitSurveys, commitTeams, type KeptEvent, type Pseudonym, pseudonymOf } from './commits.ts';
import { responseEvent, surveyEvent, teamEvent, type ResponseEvent } from './events.ts';

/**
 * A response without the id that its survey's tool gave it, which is the tool's number of a person: its keyed hash says as
 * well which response it is. Hashed before, since a pseudonym makes no difference between letters' cases, and ids do.
 */
function withoutResponseId(event: ResponseEvent, pseudonym: Pseudonym): ResponseEvent {
  const { responseId } = event;
  if (typeof responseId !== 'string' || /^person:[\w-]{22}$/.test(responseId)) return event;
  return { ...event, responseId: `person:${pseudonym(`response ${hash(responseId)}`)}` };
}

/** Events of their kind's shape, with what holds people replaced; and those that are not, or that are dated ahead, with why. */
function readEvents<T extends object, F extends keyof T & string>(
  schema: ZodType<T>,
  time: F,
  events: readonly unknown[],
  { pseudonym, now }: Surroundings,
  keep: (event: T) => T = (event) => event,
): { valid: KeptEvent<T>[]; rejected: Rejection[] } {
  const latest = now() + FUTURE_ALLOWANCE_MS;
  const read = validateEvents(schema, events);
  const valid: KeptEvent<T>[] = [];
  for (const { index, event } of read.valid) {
    const at = event[time];
    if (typeof at === 'string' && (parseInstant(at)?.ms ?? 0) > latest) {
      const message = `expected a time at most a day ahead of receipt, got ${at}`;
      read.rejected.push(rejectEvent(index, 'EVENT_IN_FUTURE', time, message));
      continue;
    }
    try {
      const kept = keep(replacePersonal(event, pseudonym));
      valid.push({ index, event: kept, contentHash: hash(kept) });
    } catch (error) {
      const message = error instanceof Error ? error.message : 'expected a JSON value';
      read.rejected.push(rejectEvent(index, 'EVENT_INVALID', null, message));
    }
  }
  return { valid, rejected: read.rejected.toSorted((a, b) => a.index - b.index) };
}

/** Takes `team` events. One source and id with another content is refused. */
export const receiveTeams: Receiver = async (surroundings, events) => {
  const { store, pseudonym } = surroundings;
  const { valid, rejected } = readEvents(teamEvent, 'at', events, surroundings);
  const kept = valid.map(({ index, event }) => ({
    index,
    event: { ...event, ...(event.members ? { members: event.members.map((member) => pseudonymOf(member, pseudonym)) } : {}) },
  }));
  const { accepted, refused } = await commitTeams(store, kept);
  return toReceipt(events, accepted, [...rejected, ...refused]);
};

/** Takes `survey` events: declarations of editions. Where they change how answers count, the edition is counted anew. */
export const receiveSurveys: Receiver = async (surroundings, events) => {
  const { valid, rejected } = readEvents(surveyEvent, 'at', events, surroundings);
  const { accepted, refused } = await commitSurveys(surroundings.store, valid);
  return toReceipt(events, accepted, [...rejected, ...refused]);
};

/** Takes `survey-response` events. Other content under a known identity is a new version of the answer. */
export const receiveResponses: Receiver = async (surroundings, events) => {
  const { store, pseudonym, now } = surroundings;
  const { valid, rejected } = readEvents(responseEvent, 'answeredAt', events, surroundings, (event) => withoutResponseId(event, pseudonym));
  const receivedAt = now();
  const { accepted, refused } = await commitResponses(store, valid.map((each) => ({ ...each, receivedAt })), pseudonym);
  return toReceipt(events, accepted, [...rejected, ...refused]);
};

function toReceipt(events: readonly unknown[], accepted: number, rejected: readonly Rejection[]): Receipt {
  return {
    accepted,
    repeated: events.length - accepted - rejected.length,
    rejected: rejected.toSorted((a, b) => a.index - b.index),
  };
}
