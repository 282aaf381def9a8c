import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';
import type { CommitFacts } from '../../kit/store/commit-queue.ts';

/** What became of an event: `refused` where its whole batch was not taken and may be sent again. */
export type EventOutcome = 'accepted' | 'repeated' | 'rejected' | 'refused';

/** What of a request is counted; all of it from small sets. */
export interface RequestFacts {
  readonly method: string;
  /** The route's pattern, such as `/import/:kind`; never the address that was asked. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  /** The code that a caller was refused with; null where it was not. */
  readonly code: string | null;
}

/** The measures of one process. Labels have values from declared sets only: kinds, outcomes, error codes, routes, statuses. */
export interface Metrics {
  countEvents(kind: string, outcome: EventOutcome, code: string | null, count: number): void;
  /** How long after it happened an event was received, in milliseconds; below 0 where its clock is ahead. */
  observeLag(kind: string, lagMs: number): void;
  observeCommit(commit: CommitFacts): void;
  observeRequest(request: RequestFacts): void;
  /** How long an operation took; of the saved question of a name, or of any other operation where it is null. */
  observeOperation(question: string | null, durationMs: number): void;
  /** All of them in Prometheus' text format, with its media type. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** In seconds: what is live, what is late, what is history. */
const LAG_BUCKETS = [0.1, 1, 10, 60, 900, 3_600, 21_600, 86_400, 604_800, 2_592_000, 31_536_000];
const COMMIT_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const SIZE_BUCKETS = [0, 1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000];
const REQUEST_BUCKETS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30];

/** Stands for every operation that is not saved; no question's name begins so. */
const OTHER_OPERATION = '(other)';

let process_: Registry | null = null;

/** Memory, processor time, event loop and collector of this process: watched once, however many servers it runs. */
function processRegistry(): Registry {
  if (process_ === null) {
    process_ = new Registry();
    collectDefaultMetrics({ register: process_ });
  }
  return process_;
}

/** Makes the measures of a server. `failures` tells how many faults of the server itself there were since its start. */
export function createMetrics(failures: () => number): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const ofProcess = processRegistry();
  const events = new Counter({ name: 'loopgraph_events_total', help: 'Events received, by kind and by what became of them.', labelNames: ['kind', 'outcome', 'code'], registers });
  const lag = new Histogram({ name: 'loopgraph_event_lag_seconds', help: 'From when an event happened to its receipt, of events that say when.', labelNames: ['kind'], buckets: LAG_BUCKETS, registers });
  const commitTime = new Histogram({ name: 'loopgraph_commit_duration_seconds', help: 'From the first attempt at a write to its being durable.', buckets: COMMIT_BUCKETS, registers });
  const commitWorks = new Histogram({ name: 'loopgraph_commit_works', help: 'Works merged into one write.', buckets: SIZE_BUCKETS, registers });
  const commitPuts = new Histogram({ name: 'loopgraph_commit_documents', help: 'Documents put by one write.', buckets: SIZE_BUCKETS, registers });
  const requests = new Histogram({ name: 'loopgraph_http_request_duration_seconds', help: 'Requests answered, by route and status.', labelNames: ['method', 'route', 'status'], buckets: REQUEST_BUCKETS, registers });
  const operations = new Histogram({ name: 'loopgraph_operation_duration_seconds', help: 'GraphQL operations, by saved question; all others as one.', labelNames: ['question'], buckets: REQUEST_BUCKETS, registers });
  const refused = new Counter({ name: 'loopgraph_requests_refused_total', help: 'Requests that were refused, by route and code.', labelNames: ['route', 'code'], registers });
  const internal = new Counter({
    name: 'loopgraph_internal_failures_total',
    help: 'Faults of the server itself, each logged under an error id.',
    registers,
    collect() {
      this.reset();
      this.inc(failures());
    },
  });
  internal.inc(0);

  return {
    countEvents: (kind, outcome, code, count) => {
      if (count > 0) events.inc({ kind, outcome, code: code ?? '' }, count);
    },
    observeLag: (kind, lagMs) => lag.observe({ kind }, lagMs / 1_000),
    observeCommit: ({ durationMs, works, puts }) => {
      commitTime.observe(durationMs / 1_000);
      commitWorks.observe(works);
      commitPuts.observe(puts);
    },
    observeRequest: ({ method, route, status, durationMs, code }) => {
      requests.observe({ method, route, status }, durationMs / 1_000);
      if (code !== null) refused.inc({ route, code });
    },
    observeOperation: (question, durationMs) => operations.observe({ question: question ?? OTHER_OPERATION }, durationMs / 1_000),
    async render() {
      const [own, ofThisProcess] = await Promise.all([registry.metrics(), ofProcess.metrics()]);
      return { contentType: registry.contentType, text: `${own}\n${ofThisProcess}` };
    },
  };
}
