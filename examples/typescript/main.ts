import { ask } from './ask.ts';
import { ShowsWithTheirJobs } from './documents.ts';

/** Prints, for shows of the simulated studio, what was watched in January 2026 beside the job that measured it. */
const [url = 'http://127.0.0.1:4000/graphql'] = process.argv.slice(2);

const { shows } = await ask(url, ShowsWithTheirJobs, {
  first: 10,
  window: { from: '2026-01-05', to: '2026-02-02', granularity: 'WHOLE' },
});

const rows = (shows?.nodes ?? []).flatMap(({ title, viewing, datasets }) =>
  datasets.flatMap((dataset) =>
    (dataset?.writers ?? []).map(({ name, latestRun, feedback }) => ({
      show: title,
      sessions: viewing.whole.sessions,
      hours: viewing.whole.hoursViewed,
      dataset: dataset?.name,
      'written by': name,
      'last run': latestRun?.state,
      team: latestRun?.team?.claimedName,
      answers: feedback?.[0]?.n,
      satisfaction: feedback?.[0]?.satisfaction?.mean,
    })),
  ),
);
console.table(rows);
