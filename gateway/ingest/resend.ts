import { z } from 'zod';
import { RECEIVERS } from '../../subgraphs/intake/events.ts';
import type { ReceiverName } from '../../subgraphs/intake/events.ts';
import { UNCLAIMED_KIND } from '../../importers/cloud-event.ts';
import { NAMED_REJECTIONS } from '../../importers/runner.ts';
import type { Rejection } from '../../kit/subgraph.ts';
import type { SubgraphClient } from '../execution/subgraph-client.ts';
import { Refusal, refuseForNow } from '../faults/refusal.ts';
import { LIMITS } from '../limits.ts';
import { CLOUD_EVENT_KIND, takeCloudEvents } from './cloud-events.ts';
import type { Ingest } from './ingest.ts';

/** What is to be sent again: refusals and unclaimed events by their ids, all of one receiver, or all unclaimed events of one type. */
export type Wanted = { readonly ids: readonly string[] } | { readonly receiver: ReceiverName } | { readonly type: string };

/** What became of it. `sent = accepted + repeated + refusedTotal`. */
export interface Resent {
  readonly sent: number;
  readonly accepted: number;
  readonly repeated: number;
  readonly refusedTotal: number;
  /** What was refused again and stays listed: the first NAMED_REJECTIONS of it. */
  readonly refused: readonly (Omit<Rejection, 'index'> & { readonly id: string })[];
  /** Ids of refusals whose bodies were not kept. */
  readonly notKept: readonly string[];
  /** Ids that are on no list. */
  readonly unknown: readonly string[];
}

/** What one thing that is listed says for being sent again; the body may be whatever JSON says. */
const itemSchema = z.union([
  z.object({ __typename: z.literal('Refusal'), id: z.string(), receiver: z.enum(RECEIVERS), kind: z.string().nullable(), canBeSentAgain: z.boolean(), body: z.unknown() }),
  z.object({ __typename: z.literal('UnclaimedEvent'), id: z.string(), type: z.string(), event: z.unknown() }),
]);
type Item = z.infer<typeof itemSchema>;
const pageSchema = z.object({ nodes: z.array(itemSchema), pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }) });

/** Each body may have a megabyte. */
const AT_ONCE = 20;

const PARTS = `fragment R on Refusal { __typename id receiver kind canBeSentAgain body } fragment U on UnclaimedEvent { __typename id type event }`;
const BY_ID = `query ($of: [_Any!]!) { _entities(representations: $of) { ...R ...U } } ${PARTS}`;
const PAGE_INFO = 'pageInfo { hasNextPage endCursor }';
const BY_RECEIVER = `query ($receiver: RefusalReceiver, $first: Int!, $after: String) { page: refusals(receiver: $receiver, first: $first, after: $after) { nodes { ...R } ${PAGE_INFO} } } fragment R on Refusal { __typename id receiver kind canBeSentAgain body }`;
const BY_TYPE = `query ($type: String, $first: Int!, $after: String) { page: unclaimedEvents(type: $type, first: $first, after: $after) { nodes { ...U } ${PAGE_INFO} } } fragment U on UnclaimedEvent { __typename id type event }`;

export interface ResendOptions {
  /** The subgraph that keeps what was not taken. */
  readonly client: SubgraphClient;
  readonly ingest: Ingest;
  readonly types: ReadonlyMap<string, string>;
}

/** Gives what was not taken to its owners again, by the way that it came; what they take now leaves its list. */
export async function resend(wanted: Wanted, { client, ingest, types }: ResendOptions): Promise<Resent> {
  const result = { sent: 0, accepted: 0, repeated: 0, refusedTotal: 0, refused: [] as (Omit<Rejection, 'index'> & { id: string })[], notKept: [] as string[], unknown: [] as string[] };

  const refuse = (each: Resent['refused'][number]): void => {
    result.refusedTotal += 1;
    if (result.refused.length < NAMED_REJECTIONS) result.refused.push(each);
  };

  const query = async (text: string, variables: Readonly<Record<string, unknown>>): Promise<unknown> => {
    const { data, errors } = await client.execute({ query: text, variables }, { signal: AbortSignal.timeout(LIMITS.operationTime), context: null, scope: new Map() });
    if (data === undefined || data === null || errors !== undefined) {
      throw refuseForNow('SUBGRAPH_UNAVAILABLE', `The subgraph ${client.name}, which keeps what was refused, did not answer: ${errors?.[0]?.message ?? 'no data'}`);
    }
    return data;
  };

  const sendPart = async (kind: string, receiver: ReceiverName, items: readonly { readonly id: string; readonly body: unknown }[]): Promise<void> => {
    if (items.length === 0) return;
    const bodies = items.map(({ body }) => body);
    let counts: { readonly accepted: number; readonly repeated: number; readonly failed: readonly Rejection[] };
    try {
      if (kind === CLOUD_EVENT_KIND) counts = await takeCloudEvents(bodies, types, ingest);
      else {
        const { rejected, ...receipt } = await ingest.send(kind, bodies, receiver);
        counts = { ...receipt, failed: rejected };
      }
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 400) throw error;
      const { code, message } = error;
      counts = { accepted: 0, repeated: 0, failed: items.map((_, index) => ({ index, code, field: null, message })) };
    }
    const failed = new Set(counts.failed.map(({ index }) => index));
    const taken = items.filter((_, index) => !failed.has(index));
    // Durable at its owner before it leaves its list: ended in between, it is sent once more and is a repeat.
    if (taken.length > 0) await ingest.send('settled', taken.map(({ id }) => ({ id })), null);
    result.sent += items.length;
    result.accepted += counts.accepted;
    result.repeated += counts.repeated;
    for (const { index, code, field, message } of counts.failed) refuse({ id: items[index]?.id ?? '', code, field, message });
  };

  const sendItems = async (items: readonly Item[]): Promise<void> => {
    const parts = new Map<string, { kind: string; receiver: ReceiverName; items: { id: string; body: unknown }[] }>();
    for (const item of items) {
      const isEvent = item.__typename === 'UnclaimedEvent';
      if (isEvent && !types.has(item.type)) {
        // It would go back to where it is, and then be taken off the list.
        const message = `expected a type that a subgraph takes by now, got ${item.type}`;
        result.sent += 1;
        refuse({ id: item.id, code: 'EVENT_UNKNOWN_KIND', field: 'type', message });
        continue;
      }
      const kind = isEvent ? CLOUD_EVENT_KIND : item.kind;
      if (kind === null || (!isEvent && !item.canBeSentAgain)) {
        result.notKept.push(item.id);
        continue;
      }
      const receiver = isEvent ? 'CLOUDEVENTS' : item.receiver;
      const key = `${receiver} ${kind}`;
      const part = parts.get(key) ?? { kind, receiver, items: [] };
      parts.set(key, part);
      part.items.push({ id: item.id, body: isEvent ? item.event : item.body });
    }
    for (const { kind, receiver, items: own } of parts.values()) await sendPart(kind, receiver, own);
  };

  if ('ids' in wanted) {
    const ids = [...new Set(wanted.ids)];
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const part = ids.slice(at, at + AT_ONCE);
      const of = part.map((id) => ({ __typename: id.split(':')[0], id }));
      const { _entities: found } = z.object({ _entities: z.array(itemSchema.nullable()) }).parse(await query(BY_ID, { of }));
      result.unknown.push(...part.filter((_, index) => (found[index] ?? null) === null));
      await sendItems(found.flatMap((item) => item ?? []));
    }
    return result;
  }
  // The newest first: what is refused again becomes the newest, behind the cursor, and is not met twice.
  const text = 'receiver' in wanted ? BY_RECEIVER : BY_TYPE;
  for (let after: string | null = null, hasNext = true; hasNext; ) {
    const { page } = z.object({ page: pageSchema }).parse(await query(text, { ...wanted, first: AT_ONCE, after }));
    await sendItems(page.nodes);
    after = page.pageInfo.endCursor;
    hasNext = page.pageInfo.hasNextPage;
  }
  return result;
}

/** What a caller asks to be sent again. @throws Refusal 400 */
export function parseWanted(body: unknown): Wanted {
  const ids = z.strictObject({ ids: z.array(z.string().regex(/^(?:Refusal|UnclaimedEvent):[\w-]{22}$/)).min(1).max(1_000) });
  const parsed = z.union([ids, z.strictObject({ receiver: z.enum(RECEIVERS) }), z.strictObject({ type: z.string().min(1).refine((text) => text.isWellFormed()) })]).safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Refusal(400, 'EVENT_INVALID', `Expected {"ids": [1 to 1,000 ids of refusals or unclaimed events]}, {"receiver": one of ${RECEIVERS.join(', ')}} or {"type": a type of ${UNCLAIMED_KIND}s}.`);
}
