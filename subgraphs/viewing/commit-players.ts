import { applyContributions, type Contribution } from '../../kit/rollup/rollup.ts';
import type { Store, Transaction } from '../../kit/store/port.ts';
import { getAll, putShows } from './commits.ts';
import { buckets } from './documents.ts';
import { toShow } from './ingest.ts';
import type { Outcome } from './outcome.ts';
import { playerReports, playerSessions, type StoredPlayerSession } from './player-documents.ts';
import type { PlayerFacts } from './player-facts.ts';
import { foldReports, toPlayerContributions, toReportContribution } from './player-session.ts';
import { ofPlayers, showEntity } from './rollup.ts';

/** The most reports of one session: a day of one every two seconds. Its document grows with them. */
const MOST_REPORTS = 50_000;

const TOO_MANY: Outcome = {
  code: 'EVENT_INVALID',
  field: 'report.sid',
  message: `expected at most ${MOST_REPORTS} reports of one session; begin a new one`,
};

/** A report is repeated where it was taken before. Its session is folded anew, and moves its share of the buckets by the difference. */
export function commitPlayerReports(store: Store, incoming: readonly PlayerFacts[]): Promise<Outcome[]> {
  return store.commit(async (transaction) => {
    const known = new Set((await getAll(transaction, playerReports, incoming.map(({ stored }) => stored.id))).keys());
    const before = await getAll(transaction, playerSessions, incoming.flatMap(({ stored }) => stored.sessionId ?? []));
    const fresh: PlayerFacts[] = [];
    const bySession = new Map<string, PlayerFacts[]>();
    const outcomes = incoming.map((facts): Outcome => {
      const { id, sessionId } = facts.stored;
      if (known.has(id)) return 'repeated';
      if (sessionId !== null) {
        const own = bySession.get(sessionId) ?? [];
        if ((before.get(sessionId)?.reports ?? 0) + own.length >= MOST_REPORTS) return TOO_MANY;
        bySession.set(sessionId, own);
        own.push(facts);
      }
      known.add(id);
      fresh.push(facts);
      return 'accepted';
    });
    for (const { stored } of fresh) transaction.put(playerReports, stored);
    const after = [...bySession].map(([id, facts]) => foldReports(before.get(id) ?? null, id, facts));
    for (const session of after) transaction.put(playerSessions, session);
    // Every content that a session names has its show, also where the session then names another and is of neither.
    await putShows(transaction, fresh.flatMap(({ stored, content }) => (content === null || stored.sessionId === null ? [] : toShow(stored.source, { title: content }))));
    await applyContributions(
      transaction,
      buckets,
      [...fresh.map(toReportContribution), ...after.flatMap(toPlayerContributions)],
      [...before.values()].filter(({ id }) => bySession.has(id)).flatMap(toPlayerContributions),
      ({ from, to }, entity) => readContributions(transaction, entity, from, to),
    );
    return outcomes;
  });
}

const PAGE = 2_000;
const PREFIX_OF_SHOWS = ofPlayers(showEntity(''));

/** All that the sessions of an entity contribute to it in a stretch. */
async function readContributions(transaction: Transaction, entity: string, from: number, to: number): Promise<Contribution[]> {
  const [index, prefix] = entity.startsWith(PREFIX_OF_SHOWS)
    ? ([playerSessions.byShow, entity.slice(PREFIX_OF_SHOWS.length)] as const)
    : ([playerSessions.byKnown, entity] as const);
  const contributions: Contribution[] = [];
  for (let after: string | undefined; ; ) {
    const page = await transaction.scan(index, { prefix: [prefix], from, to, limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const { document } of page) contributions.push(...contributionsTo(entity, document));
    if (page.length < PAGE) return contributions;
    after = page.at(-1)?.position;
  }
}

const contributionsTo = (entity: string, session: StoredPlayerSession): Contribution[] =>
  toPlayerContributions(session).filter((contribution) => contribution.entity === entity);
