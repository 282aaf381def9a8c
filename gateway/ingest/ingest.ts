import { z } from 'zod';
import type { Receipt, Subgraph, Surroundings } from '../../kit/subgraph.ts';
import { EMPTY_RECEIPT } from '../../kit/ingest/receipt.ts';
import { Refusal, refuseForNow } from '../faults/refusal.ts';
import { GATEWAY, type Introduce } from '../identity/passports.ts';
import type { ReceiverName } from '../../subgraphs/intake/events.ts';
import { toRefusalEvent } from './refused.ts';
import type { Refused } from './refused.ts';

/** Brings events to the subgraph that owns their kind. */
export interface Ingest {
  /**
   * Sends a batch of one kind, to a receiver of this process or over HTTP to its owner. What the owner refuses is kept by the
   * subgraph `intake`, durably before this resolves, under the receiver that it came in by (IMPORT where none is given; nowhere
   * where it is null, since the sender does it).
   * @throws Refusal 400 for a kind that nobody here owns, 503 where its owner cannot be reached; StoreError.
   */
  send(kind: string, events: readonly unknown[], receiver?: ReceiverName | null): Promise<Receipt>;
  /**
   * Keeps what was refused before it came to an owner, such as bytes that are no event. Never throws: where `intake` cannot be
   * reached, what was refused is lost and that is reported, since the good part must not fail for it.
   */
  record(refused: readonly Refused[]): Promise<void>;
  /** The same, but a kind that this process does not own is left to the one that does: nothing is sent, nothing counted. */
  sendOwn(kind: string, events: readonly unknown[]): Promise<Receipt>;
  /** The kinds that a subgraph owns, running here or elsewhere; none for one that cannot be reached from here. */
  kindsOf(name: string): readonly string[];
}

export interface IngestOptions {
  /** Every subgraph that is known, running here or not: they say who owns a kind. */
  readonly known: readonly Subgraph[];
  /** Names of those that run here. */
  readonly locals: ReadonlySet<string>;
  /** What receivers stand on; null where none runs here. */
  readonly surroundings: Surroundings | null;
  /** GraphQL URLs of those that run elsewhere, by name. */
  readonly remotes: () => ReadonlyMap<string, string>;
  /** Says to other processes who sends; nothing is said where it is not given. */
  readonly introduce?: Introduce;
  /** Told of refusals that could not be kept; nobody is where it is not given. */
  readonly onLost?: (count: number, error: unknown) => void;
}

/** The kind of event that says what was refused. What is refused of it is never recorded, or it could go round. */
const REFUSAL_KIND = 'refusal';
/** How many refusals go to their owner at once: each may have a megabyte. */
const REFUSALS_AT_ONCE = 100;

/** On a batch that another loopgraph forwards: it records itself what comes back refused. */
export const FORWARDED_HEADER = 'x-loopgraph-forwarded';

const receiptSchema = z.object({
  accepted: z.number(),
  repeated: z.number(),
  rejected: z.array(z.object({ index: z.number(), code: z.string(), field: z.string().nullable(), message: z.string() })),
});

/** An owner commits a batch before it answers, and its store may take this long to fail over, in milliseconds. */
const FORWARD_TIME = 60_000;

/** Where the owner of a kind takes events, from where it answers GraphQL. */
function toEventsUrl(name: string, graphqlUrl: string): string {
  return `${new URL(graphqlUrl).origin}/subgraphs/${name}/events`;
}

async function forward(name: string, url: string, kind: string, events: readonly unknown[], introduction: Readonly<Record<string, string>>): Promise<Receipt> {
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(toEventsUrl(name, url), {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', [FORWARDED_HEADER]: '1', ...introduction },
      body: events.map((event) => `${JSON.stringify({ kind, event })}\n`).join(''),
      signal: AbortSignal.timeout(FORWARD_TIME),
    });
    answer = await response.json();
  } catch {
    throw refuseForNow('SUBGRAPH_UNAVAILABLE', `The subgraph ${name}, which owns events of the kind ${kind}, cannot be reached; send them again.`);
  }
  const receipt = receiptSchema.safeParse(answer);
  if (response.ok && receipt.success) return receipt.data;
  throw refuseForNow('SUBGRAPH_UNAVAILABLE', `The subgraph ${name}, which owns events of the kind ${kind}, answered ${response.status} to them; send them again.`);
}

export function createIngest({ known, locals, surroundings, remotes, onLost, introduce = async () => ({}) }: IngestOptions): Ingest {
  const owners = new Map(known.flatMap((subgraph) => Object.entries(subgraph.receivers).map(([kind, receiver]) => [kind, { name: subgraph.name, receiver }])));

  const deliver = async (kind: string, events: readonly unknown[]): Promise<Receipt> => {
    const owner = owners.get(kind);
    if (owner === undefined) {
      throw new Refusal(400, 'EVENT_UNKNOWN_KIND', `No subgraph takes events of the kind "${kind}"; known are ${[...owners.keys()].join(', ')}.`);
    }
    if (events.length === 0) return EMPTY_RECEIPT;
    if (surroundings !== null && locals.has(owner.name)) return owner.receiver(surroundings, events);
    const url = remotes().get(owner.name);
    if (url !== undefined) return forward(owner.name, url, kind, events, await introduce(GATEWAY));
    throw new Refusal(400, 'EVENT_UNKNOWN_KIND', `Events of the kind "${kind}" belong to the subgraph ${owner.name}, which neither runs here nor is known by a URL.`);
  };

  const record: Ingest['record'] = async (refused) => {
    // A graph without the subgraph `intake` keeps no refusals.
    if (!owners.has(REFUSAL_KIND)) return;
    for (let at = 0; at < refused.length; at += REFUSALS_AT_ONCE) {
      const part = refused.slice(at, at + REFUSALS_AT_ONCE);
      try {
        const { rejected } = await deliver(REFUSAL_KIND, part.map(toRefusalEvent));
        if (rejected.length > 0) onLost?.(rejected.length, rejected[0]);
      } catch (error) {
        onLost?.(part.length, error);
      }
    }
  };

  const send: Ingest['send'] = async (kind, events, receiver = 'IMPORT') => {
    const receipt = await deliver(kind, events);
    if (receiver !== null && kind !== REFUSAL_KIND && receipt.rejected.length > 0) {
      await record(receipt.rejected.map(({ index, code, field, message }) => ({ receiver, kind, code, field, message, came: { event: events[index] } })));
    }
    return receipt;
  };

  return {
    send,
    record,
    kindsOf(name) {
      return locals.has(name) || remotes().has(name) ? [...owners].filter(([, owner]) => owner.name === name).map(([kind]) => kind) : [];
    },
    async sendOwn(kind, events) {
      const owner = owners.get(kind);
      return owner !== undefined && !locals.has(owner.name) ? EMPTY_RECEIPT : send(kind, events);
    },
  };
}
