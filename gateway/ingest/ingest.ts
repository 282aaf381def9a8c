import { z } from 'zod';
import type { Receipt, Subgraph, Surroundings } from '../../kit/subgraph.ts';
import { EMPTY_RECEIPT } from '../../kit/ingest/receipt.ts';
import { Refusal, refuseForNow } from '../faults/refusal.ts';

/** Brings events to the subgraph that owns their kind. */
export interface Ingest {
  /**
   * Sends a batch of one kind, to a receiver of this process or over HTTP to its owner.
   * @throws Refusal 400 for a kind that nobody here owns, 503 where its owner cannot be reached; StoreError.
   */
  send(kind: string, events: readonly unknown[]): Promise<Receipt>;
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
  readonly remotes: ReadonlyMap<string, string>;
}

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

async function forward(name: string, url: string, kind: string, events: readonly unknown[]): Promise<Receipt> {
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(toEventsUrl(name, url), {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
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

export function createIngest({ known, locals, surroundings, remotes }: IngestOptions): Ingest {
  const owners = new Map(known.flatMap((subgraph) => Object.entries(subgraph.receivers).map(([kind, receiver]) => [kind, { name: subgraph.name, receiver }])));

  const send: Ingest['send'] = async (kind, events) => {
    const owner = owners.get(kind);
    if (owner === undefined) {
      throw new Refusal(400, 'EVENT_UNKNOWN_KIND', `No subgraph takes events of the kind "${kind}"; known are ${[...owners.keys()].join(', ')}.`);
    }
    if (events.length === 0) return EMPTY_RECEIPT;
    if (surroundings !== null && locals.has(owner.name)) return owner.receiver(surroundings, events);
    const url = remotes.get(owner.name);
    if (url !== undefined) return forward(owner.name, url, kind, events);
    throw new Refusal(400, 'EVENT_UNKNOWN_KIND', `Events of the kind "${kind}" belong to the subgraph ${owner.name}, which neither runs here nor is known by a URL.`);
  };

  return {
    send,
    kindsOf(name) {
      return locals.has(name) || remotes.has(name) ? [...owners].filter(([, owner]) => owner.name === name).map(([kind]) => kind) : [];
    },
    async sendOwn(kind, events) {
      const owner = owners.get(kind);
      return owner !== undefined && !locals.has(owner.name) ? EMPTY_RECEIPT : send(kind, events);
    },
  };
}
