import type { AnyCollection, Collection, Document, Store } from './store/port.ts';

/** Why one event of a batch was not taken. */
export interface Rejection {
  /** The event's place in the batch, from 0. */
  readonly index: number;
  /** A stable code, from the public list in kit/graph/errors.ts. */
  readonly code: string;
  /** Which field is wrong, as a path such as `run.runId`; null where the event as a whole is. */
  readonly field: string | null;
  /** What was expected and what came. */
  readonly message: string;
}

/** What became of a batch. `accepted + repeated + rejected.length` is the length of the batch. */
export interface Receipt {
  readonly accepted: number;
  /** Events that were taken before, by the identity of their kind. */
  readonly repeated: number;
  readonly rejected: readonly Rejection[];
}

/** What every receiver and resolver is given. */
export interface Surroundings {
  readonly store: Store;
  /** The keyed hash of a person's identifier: base64url, 22 characters. The same key gives the same pseudonym everywhere. */
  readonly pseudonym: (identifier: string) => string;
  /** The present in milliseconds since the epoch; tests set it. */
  readonly now: () => number;
}

/** Takes a batch of events of one kind in one commit. Never throws for a bad event: it goes to `rejected`. */
export type Receiver = (surroundings: Surroundings, events: readonly unknown[]) => Promise<Receipt>;

/** What a resolver gets as its context: made anew for each request, so that loaders batch and cache within one request only. */
export interface Context<L> extends Surroundings {
  readonly loaders: L;
}

/** A subgraph's stored documents while they are computed anew. */
export interface KeptDocuments {
  /** A whole collection, a page at a time, in the order of ids. */
  readonly all: <D extends Document>(collection: Collection<D>) => AsyncIterable<readonly D[]>;
  /** The store that holds them, to be read only. */
  readonly store: Store;
}

/**
 * How a subgraph's documents follow from what it keeps of its events, so that they can be computed anew and compared. All of
 * its collections are compared, those that hold the events too, but for what is named here.
 */
export interface Rebuild {
  /** Sends what is kept through the subgraph's own commits into an empty store. */
  readonly replay: (kept: KeptDocuments, into: Store) => Promise<void>;
  /** Fields whose value depends on the order of arrival, which is not kept: by collection, with the reason for a person. */
  readonly undetermined?: readonly Undetermined[];
  /**
   * True for a document that says nothing: another order of arrival leaves it, and it reads as if it were not there. `of` says
   * whether it stands in the store or among what was computed.
   */
  readonly isLeftover?: (collection: string, document: Document, of: 'kept' | 'computed') => boolean;
}

/** Fields of a collection's documents that are not compared. */
export interface Undetermined {
  readonly collection: string;
  readonly fields: readonly string[];
  readonly reason: string;
}

/**
 * A subgraph: one loop's schema, stored shapes and behaviour. Its folder exports one of these from `index.ts`.
 * `L` is the type of its per-request loaders.
 */
export interface Subgraph<L = unknown> {
  /** Lower case, as in the supergraph and in `/subgraphs/{name}/graphql`. */
  readonly name: string;
  /** The subgraph's own SDL and the value types that all share; from `schema.generated.ts`. */
  readonly typeDefs: string;
  /** Resolver map as graphql-codegen types it. */
  readonly resolvers: object;
  readonly collections: readonly AnyCollection[];
  readonly createLoaders: (surroundings: Surroundings) => L;
  /** The kinds of event that the subgraph owns; kinds are unique across subgraphs. */
  readonly receivers: Readonly<Record<string, Receiver>>;
  /**
   * For kinds whose events say when they happened: the field that does, with dots where it lies deeper, as an RFC 3339 instant or in
   * milliseconds since 1970. What is told of lateness rests on it.
   */
  readonly eventTimes?: Readonly<Record<string, string>>;
  /**
   * Types of CloudEvents that it takes, to the kind of event that their data are. Its receiver refuses with EVENT_CONFLICT a
   * source and id that came before with another content.
   */
  readonly cloudEvents?: Readonly<Record<string, string>>;
  /** How its documents are computed anew; nothing of it is compared where it is not given. */
  readonly rebuild?: Rebuild;
}

/** The CloudEvents types that these subgraphs take, to their kinds. */
export function cloudEventTypesOf(subgraphs: readonly Subgraph[]): ReadonlyMap<string, string> {
  return new Map(subgraphs.flatMap(({ cloudEvents }) => Object.entries(cloudEvents ?? {})));
}

/** Declares a subgraph, keeping the type of its loaders. */
export function defineSubgraph<L>(subgraph: Subgraph<L>): Subgraph<L> {
  return subgraph;
}
