import type { KeptDocuments, Rebuild } from '../../kit/subgraph.ts';
import { commitPlayerReports } from './commit-players.ts';
import { commitReports, commitSessions, commitShows } from './commits.ts';
import { received, reports, sessions, shows, type ShowDocument } from './documents.ts';
import type { PlaybackSessionEvent } from './events.ts';
import { toClaimedShow, toSession } from './ingest.ts';
import { playerReports } from './player-documents.ts';
import type { CmcdReportEvent } from './player-events.ts';
import { toPlayerFacts } from './player-facts.ts';

/** What is kept holds pseudonyms already, so nothing is left to be hashed. */
const asKept = (identifier: string): string => identifier;

/** The shows of published rows by id, without the teams that events claim: a row names its show by id only. */
async function readShows({ store }: KeptDocuments, ids: readonly string[]): Promise<Map<string, ShowDocument>> {
  const found = await store.get(shows, [...new Set(ids)]);
  return new Map(found.flatMap((show) => (show === null ? [] : [[show.id, { ...show, claim: null }]])));
}

/**
 * Show events, sessions and players' reports are kept as they came. Of published rows the figures and moments are kept, and their shows' names
 * in the shows: those are facts, and stand as they are.
 */
export const rebuild: Rebuild = {
  async replay(kept, into) {
    for await (const page of kept.all(received)) {
      await commitShows(into, page.flatMap(({ id, event }) => (event === null ? [] : [{ id, ...toClaimedShow(event, asKept) }])));
      await into.commit(async (transaction) => {
        for (const taken of page) if (taken.event === null) transaction.put(received, taken);
      });
    }
    for await (const page of kept.all(reports)) {
      const named = await readShows(kept, page.map(({ showId }) => showId));
      await commitReports(into, page.flatMap((report) => {
        const show = named.get(report.showId);
        return show === undefined ? [] : [{ taken: null, report, show }];
      }));
    }
    for await (const page of kept.all(sessions)) {
      await commitSessions(into, page.map(({ event }) => toSession(event as PlaybackSessionEvent, asKept)));
    }
    for await (const page of kept.all(playerReports)) {
      const facts = page.map(({ source, receivedAt, report }) => toPlayerFacts({ source, receivedAt: new Date(receivedAt).toISOString(), report: report as CmcdReportEvent['report'] }, asKept, receivedAt));
      await commitPlayerReports(into, facts);
    }
  },
};
