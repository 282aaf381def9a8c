import type { Studio } from '../sample/index.ts';

interface ColumnLineageTold {
  readonly fields: Readonly<Record<string, { readonly inputFields: readonly { readonly name: string; readonly field: string }[] }>>;
}

interface RunTold {
  readonly eventTime: string;
  readonly eventType?: string;
  readonly run?: { readonly runId: string };
  readonly job?: { readonly name: string };
  readonly inputs?: readonly { readonly name: string }[];
  readonly outputs?: readonly { readonly name: string; readonly facets?: { readonly columnLineage?: ColumnLineageTold } }[];
}

interface ShowTold {
  readonly title: string;
  readonly season: string | null;
  readonly team: string;
  readonly datasets: readonly { readonly name: string }[];
}

interface SessionTold {
  readonly show?: { readonly title: string; readonly season: string | null };
  readonly watchedMs: number;
}

interface ResponseTold {
  readonly survey: { readonly edition: string };
  readonly team: string;
  readonly job: { readonly name: string };
  readonly dataset: { readonly name: string };
}

/** What tests compute themselves from the studio's raw stream. */
export interface StudioFacts {
  readonly shows: readonly ShowTold[];
  readonly responses: readonly ResponseTold[];
  /** Names of jobs and datasets that lie below (or above) a job or a dataset, without itself. */
  readonly reach: (name: string, way: 'down' | 'up') => { readonly jobs: string[]; readonly datasets: string[] };
  /** What is made from a column, by the last word of each job on each dataset, and the readers that say it of not all they write. */
  readonly below: (dataset: string, column: string) => { readonly columns: string[]; readonly datasets: string[]; readonly jobs: string[]; readonly untraced: string[] };
  /** Hours of a show's dataset in whole weeks, each rounded to an hour as the studio publishes them; null for no show's. */
  readonly hoursOf: (dataset: string, from: string, to: string) => number | null;
  /** How many runs of a job told that they started. */
  readonly startsOf: (job: string) => number;
}

const WEEK = 7 * 86_400_000;

export function readStudio(studio: Studio): StudioFacts {
  const events = [...studio.play()];
  const of = <T>(kind: string): T[] => events.flatMap((each) => (each.kind === kind ? [each.event as T] : []));
  const shows = of<ShowTold>('show');
  const sessions = events.flatMap(({ kind, at, event }) => (kind === 'playback-session' ? [{ at, ...(event as SessionTold) }] : []));
  const below = new Map<string, Set<string>>();
  const above = new Map<string, Set<string>>();
  const jobs = new Set<string>();
  const starts = new Map<string, Set<string>>();
  const words = new Map<string, { readonly job: string; readonly dataset: string; readonly at: string; readonly lineage: ColumnLineageTold }>();
  const link = (from: string, to: string): void => {
    below.set(from, (below.get(from) ?? new Set()).add(to));
    above.set(to, (above.get(to) ?? new Set()).add(from));
  };
  for (const { eventType, eventTime, run, job, inputs = [], outputs = [] } of of<RunTold>('openlineage')) {
    if (job === undefined) continue;
    jobs.add(job.name);
    for (const { name } of inputs) link(name, job.name);
    for (const { name, facets } of outputs) {
      link(job.name, name);
      const key = JSON.stringify([job.name, name]);
      const known = words.get(key);
      if (facets?.columnLineage !== undefined && (known === undefined || known.at < eventTime)) words.set(key, { job: job.name, dataset: name, at: eventTime, lineage: facets.columnLineage });
    }
    if (eventType === 'START' && run !== undefined) starts.set(job.name, (starts.get(job.name) ?? new Set()).add(run.runId));
  }
  return {
    shows,
    responses: of<ResponseTold>('survey-response'),
    reach(name, way) {
      const seen = new Set<string>([name]);
      for (const each of seen) for (const next of (way === 'down' ? below : above).get(each) ?? []) seen.add(next);
      seen.delete(name);
      const names = [...seen].toSorted();
      return { jobs: names.filter((each) => jobs.has(each)), datasets: names.filter((each) => !jobs.has(each)) };
    },
    below(dataset, column) {
      const columns = new Set([`${dataset}.${column}`]);
      const reached = new Set<string>();
      const telling = new Set<string>();
      for (const node of columns) {
        for (const word of words.values()) {
          for (const [made, { inputFields }] of Object.entries(word.lineage.fields)) {
            if (!inputFields.some(({ name, field }) => `${name}.${field}` === node)) continue;
            columns.add(`${word.dataset}.${made}`);
            reached.add(word.dataset);
            telling.add(word.job);
          }
        }
      }
      columns.delete(`${dataset}.${column}`);
      const readers = new Set([dataset, ...reached].flatMap((each) => [...(below.get(each) ?? [])]));
      const untraced = [...readers].filter((job) => {
        const written = [...(below.get(job) ?? [])];
        return written.length === 0 || written.some((each) => !words.has(JSON.stringify([job, each])));
      });
      return { columns: [...columns].toSorted(), datasets: [...reached].toSorted(), jobs: [...telling].toSorted(), untraced: untraced.toSorted() };
    },
    hoursOf(dataset, from, to) {
      const show = shows.find(({ datasets }) => datasets.some(({ name }) => name === dataset));
      if (show === undefined) return null;
      let hours = 0;
      for (let week = Date.parse(from); week < Date.parse(to); week += WEEK) {
        const own = sessions.filter((each) => each.at >= week && each.at < week + WEEK && each.show?.title === show.title && each.show.season === show.season);
        hours += Math.round(own.reduce((sum, { watchedMs }) => sum + watchedMs, 0) / 3_600_000);
      }
      return hours;
    },
    startsOf: (job) => starts.get(job)?.size ?? 0,
  };
}
