import { originOf, toId } from '../../kit/graph/id.ts';
import { hashText } from '../../kit/ingest/canonical.ts';
import { replacePersonal, replacePersonalText } from '../../kit/ingest/personal.ts';
import { rejectEvent } from '../../kit/ingest/receipt.ts';
import { FUTURE_ALLOWANCE_MS, parseInstant } from '../../kit/ingest/time.ts';
import { validateEvents } from '../../kit/ingest/validate.ts';
import type { Rejection } from '../../kit/subgraph.ts';
import type { JobDocument, JobRunDocument } from './documents.ts';
import { logRunSchema } from './events.ts';
import { jobIdOf, type Pseudonym } from './ingest.ts';
import { groupOf } from './rollup.ts';

/** A run of a log with the job that it is of. */
export interface LogIntake {
  readonly index: number;
  readonly run: JobRunDocument;
  readonly job: JobDocument;
}

const LOG_FIELDS = new Set(['source', 'number', 'namespace', 'job', 'team', 'user', 'submittedAt', 'startedAt', 'waitMs', 'durationMs', 'outcome']);

/** Reads a batch of log runs. Pure; `now` as for OpenLineage. */
export function readLogRuns(
  batch: readonly unknown[],
  pseudonym: Pseudonym,
  now: number,
): { intakes: LogIntake[]; rejected: Rejection[] } {
  const { valid, rejected } = validateEvents(logRunSchema, batch);
  const people = memoise(pseudonym);
  const idOfJob = memoise((key) => jobIdOf(...(JSON.parse(key) as [string, string])));
  const groups = memoise((key) => {
    const [origin, team] = JSON.parse(key) as ['RECORDED' | 'SIMULATED', string | null];
    return groupOf(origin, team === null ? null : { team, basis: 'RUN', evidence: '', rule: 'log' });
  });
  const intakes: LogIntake[] = [];
  for (const { index, event } of valid) {
    const startedAt = parseInstant(event.startedAt)?.ms ?? 0;
    if (startedAt > now + FUTURE_ALLOWANCE_MS) {
      rejected.push(rejectEvent(index, 'EVENT_IN_FUTURE', 'startedAt', `expected a moment at most a day ahead of ${new Date(now).toISOString()}, got ${event.startedAt}`));
      continue;
    }
    const { source, number, namespace, job } = event;
    const origin = originOf(namespace);
    const team = event.team == null ? null : replacePersonalText(event.team, pseudonym);
    const claim = team === null ? null : ({ team, basis: 'RUN', evidence: 'the log', rule: 'log' } as const);
    const endedAt = event.durationMs == null ? null : startedAt + event.durationMs;
    const extra = Object.fromEntries(Object.entries(event).filter(([field]) => !LOG_FIELDS.has(field)));
    const jobId = idOfJob(JSON.stringify([namespace, job]));
    intakes.push({
      index,
      run: {
        id: toId('JobRun', source, number),
        runId: String(number),
        origin,
        jobId,
        state: event.outcome ?? 'UNKNOWN',
        at: startedAt,
        startedAt,
        endedAt,
        nominalStartAt: null,
        nominalEndAt: null,
        waitMs: event.waitMs ?? null,
        attempts: 1,
        user: event.user == null ? null : people(event.user),
        costs: [],
        claim,
        team: claim,
        group: groups(JSON.stringify([origin, team])),
        parentId: null,
        rootId: null,
        inputs: [],
        outputs: [],
        fold: null,
        log: {
          content: hashText(JSON.stringify(Object.entries(event).sort(([first], [second]) => (first < second ? -1 : 1)))),
          source,
          extra: Object.keys(extra).length === 0 ? null : replacePersonal(extra, pseudonym),
        },
      },
      job: { id: jobId, namespace, name: job, origin, facets: [], versions: [], lengths: null },
    });
  }
  return { intakes, rejected };
}

/** A batch names few people, jobs and teams again and again. */
function memoise(compute: (key: string) => string): (key: string) => string {
  const known = new Map<string, string>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = compute(key)));
    return value;
  };
}
