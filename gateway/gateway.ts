import type { Logger } from 'pino';
import type { Importer } from '../importers/importer.ts';
import type { GraphQLFormattedError } from 'graphql';
import type { Failures } from './faults/failures.ts';
import type { Graph } from './graph/graph.ts';
import type { Ingest } from './ingest/ingest.ts';
import type { Questions } from './questions/questions.ts';
import type { Readiness } from './readiness.ts';
import type { Traces } from './watch/traces.ts';
import type { Metrics } from './watch/metrics.ts';

/** What the routes stand on: everything of a running process but its HTTP server. */
export interface Gateway {
  readonly graph: Graph;
  /** The saved questions that fit what is served. */
  readonly questions: () => Questions;
  readonly ingest: Ingest;
  /** The CloudEvents types that subgraphs take, to their kinds. */
  readonly cloudEventTypes: ReadonlyMap<string, string>;
  readonly importers: readonly Importer[];
  readonly failures: Failures;
  readonly metrics: Metrics;
  /** Null where no collector takes any. */
  readonly traces: Traces | null;
  readonly logger: Logger;
  /** Whether anyone may ask for the schema; else only administrators. */
  readonly introspection: boolean;
  /** What clients may send: any document, or the names of saved questions. */
  readonly operations: 'any' | 'saved';
  /** What of an error a client sees. */
  readonly formatError: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;
  checkReadiness(): Promise<Readiness>;
}
