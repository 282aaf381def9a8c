import type { Document } from '../../kit/store/port.ts';
import { parseInstant } from '../../kit/ingest/time.ts';
import type { KeptDocuments, Rebuild } from '../../kit/subgraph.ts';
import { columnEdges, events, families, groupJobs, groups, headers, incidents, jobs, runs } from './collections.ts';
import { commitLogRuns, commitOpenLineage } from './commit.ts';
import type { EventDocument, JobDocument, JobRunDocument } from './documents.ts';
import { type Intake, toIntake } from './ingest.ts';
import type { LogIntake } from './ingest-log.ts';

const PAGE = 2_000;
/** A subject's events go into one commit, so that only what its last state needs is made, up to this many. */
const MOST_TOGETHER = 20_000;

/** Kept events, those of one subject together. */
async function* eventsBySubject({ store }: KeptDocuments): AsyncGenerator<EventDocument[]> {
  const waiting: EventDocument[] = [];
  for (let after: string | undefined; ; ) {
    const page = await store.scan(events.bySubject, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    waiting.push(...page.map(({ document }) => document));
    after = page.at(-1)?.position;
    if (page.length < PAGE) break;
    const last = waiting.at(-1)?.subjectId;
    const whole = waiting.findLastIndex(({ subjectId }) => subjectId !== last) + 1;
    const ready = whole === 0 && waiting.length > MOST_TOGETHER ? waiting.length : whole;
    if (ready > 0) yield waiting.splice(0, ready);
  }
  if (waiting.length > 0) yield waiting;
}

function toKeptIntake({ id, body }: EventDocument, index: number): Intake {
  const event = body as { readonly eventTime: string };
  const at = parseInstant(event.eventTime);
  if (at === null) throw new Error(`Expected the kept event ${id} to have a time, got ${JSON.stringify(event.eventTime)}.`);
  return toIntake(index, id, at, event);
}

/** A log's run is kept as its own document; its job's name in the job. */
async function toLogIntakes({ store }: KeptDocuments, page: readonly JobRunDocument[]): Promise<LogIntake[]> {
  const logged = page.filter(({ log }) => log !== null);
  const named = new Map<string, JobDocument>();
  for (const job of await store.get(jobs, [...new Set(logged.map(({ jobId }) => jobId))])) if (job !== null) named.set(job.id, job);
  return logged.flatMap((run, index) => {
    const job = named.get(run.jobId);
    return job === undefined ? [] : [{ index, run, job: { ...job, facets: [], versions: [], lengths: null } }];
  });
}

/** OpenLineage events are kept whole; runs of logs are facts themselves, and what is counted of them is computed. */
export const rebuild: Rebuild = {
  async replay(kept, into) {
    for await (const batch of eventsBySubject(kept)) await commitOpenLineage(into, batch.map(toKeptIntake));
    for await (const page of kept.all(runs)) {
      const intakes = await toLogIntakes(kept, page);
      if (intakes.length > 0) await commitLogRuns(into, intakes);
    }
  },
  isLeftover(collection, document: Document & { readonly runs?: number; readonly stands?: boolean }, of) {
    switch (collection) {
      case groups.name:
      case groupJobs.name:
        return document.runs === 0;
      case incidents.name:
      case columnEdges.name:
        return document.stands === false;
      // Once a parent, and once seen: a later event of the run may have named another since.
      case families.name:
      case headers.name:
        return of === 'kept';
      default:
        return false;
    }
  },
};
