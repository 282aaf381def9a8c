import { hash } from '../../kit/ingest/canonical.ts';
import { rejectEvent } from '../../kit/ingest/receipt.ts';
import type { ValidEvent } from '../../kit/ingest/validate.ts';
import type { Store, Transaction } from '../../kit/store/port.ts';
import type { Rejection } from '../../kit/subgraph.ts';
import {
  cells, type CellDocument, type ResponseDocument, responses, type SurveyDocument, surveys, type TeamDocument, teamEvents, teams, type UserDocument, users,
} from './documents.ts';
import { Draft } from './draft.ts';
import type { ResponseEvent, SurveyEvent, TeamEvent } from './events.ts';
import {
  claimOf, currentVersion, foldResponse, foldSurvey, foldTeam, foldUser, responseIdOf, surveyIdOf, teamIdOf, toUndeclaredSurvey, toUnregisteredTeam, userIdOf,
} from './ingest.ts';
import { type Change, countChanges, recountSurvey } from './ledger.ts';
import { countingOf } from './questions.ts';

/** How many documents a recount reads at once. */
const PAGE = 5_000;

export type Pseudonym = (identifier: string) => string;

/** A person's pseudonym; one that was made before the event came stays as it is. */
export function pseudonymOf(identifier: string, pseudonym: Pseudonym): string {
  return identifier.startsWith('person:') ? identifier.slice('person:'.length) : pseudonym(identifier);
}

/** An event as it is kept, and the hash of that. */
export interface KeptEvent<T> extends ValidEvent<T> {
  readonly contentHash: string;
}

/** How many events of a commit were new, and which of them were refused; the rest are repeats. */
export interface Committed {
  readonly accepted: number;
  readonly refused: readonly Rejection[];
}

/** Writes teams and who belongs to them; `members` are pseudonyms already. */
export function commitTeams(store: Store, kept: readonly ValidEvent<TeamEvent>[]): Promise<Committed> {
  return store.commit(async (transaction) => {
    const taken = new Draft(teamEvents);
    const registered = new Draft<TeamDocument>(teams);
    const people = new Draft<UserDocument>(users);
    const idOf = (event: { source: string; id: string }): string => hash([event.source, event.id]);
    await Promise.all([
      taken.read(transaction, kept.map(({ event }) => idOf(event))),
      registered.read(transaction, kept.map(({ event }) => teamIdOf(event.name))),
      people.read(transaction, kept.flatMap(({ event }) => (event.members ?? []).map(userIdOf))),
    ]);
    const refused: Rejection[] = [];
    let accepted = 0;
    for (const { index, event } of kept) {
      const contentHash = hash(event);
      const earlier = taken.get(idOf(event));
      if (earlier) {
        if (earlier.contentHash !== contentHash) {
          const message = `expected a new id for new content: source ${event.source} sent id ${event.id} before with another`;
          refused.push(rejectEvent(index, 'EVENT_CONFLICT', 'id', message));
        }
        continue;
      }
      taken.set({ id: idOf(event), contentHash, event });
      const team = foldTeam(registered.get(teamIdOf(event.name)), event, contentHash);
      registered.set(team);
      const claim = claimOf(event.at, contentHash);
      for (const id of (event.members ?? []).map(userIdOf)) {
        people.set(foldUser(people.get(id), id, { namespace: team.namespace, teamId: team.id, claim }));
      }
      accepted += 1;
    }
    for (const draft of [taken, registered, people]) draft.write(transaction);
    return { accepted, refused };
  });
}

/** Events of a batch that say their own source and id, as CloudEvents do: nothing else may come under them. */
class Envelopes {
  readonly #taken = new Draft(teamEvents);

  read(transaction: Transaction, events: readonly KeptEvent<object>[]): Promise<void> {
    return this.#taken.read(transaction, events.flatMap(({ event }) => envelopeIdOf(event) ?? []));
  }

  /** Remembers a new one; says of another what is wrong with it: null where it is a repeat. */
  check({ index, event, contentHash }: KeptEvent<object>): 'new' | Rejection | null {
    const id = envelopeIdOf(event);
    if (id === null) return 'new';
    const earlier = this.#taken.get(id);
    if (earlier === null) this.#taken.set({ id, contentHash });
    if (earlier === null) return 'new';
    const message = 'expected a new id, or the same content as before: an earlier event of this source and id says something else';
    return earlier.contentHash === contentHash ? null : rejectEvent(index, 'EVENT_CONFLICT', 'id', message);
  }

  write(transaction: Transaction): void {
    this.#taken.write(transaction);
  }
}

function envelopeIdOf(event: object): string | null {
  const { source, id } = event as { readonly source?: unknown; readonly id?: unknown };
  return typeof source === 'string' && typeof id === 'string' ? hash([source, id]) : null;
}

/** Folds declarations into their editions; says how many were new. */
export function commitSurveys(store: Store, valid: readonly KeptEvent<SurveyEvent>[]): Promise<Committed> {
  return store.commit(async (transaction) => {
    const declared = new Draft<SurveyDocument>(surveys);
    const envelopes = new Envelopes();
    await Promise.all([declared.read(transaction, valid.map(({ event }) => surveyIdOf(event))), envelopes.read(transaction, valid)]);
    const before = new Map<string, SurveyDocument | null>();
    const refused: Rejection[] = [];
    let accepted = 0;
    for (const each of valid) {
      const { event, contentHash } = each;
      const checked = envelopes.check(each);
      if (checked !== null && checked !== 'new') refused.push(checked);
      if (checked !== 'new') continue;
      const id = surveyIdOf(event);
      const survey = declared.get(id);
      if (!before.has(id)) before.set(id, survey);
      const folded = foldSurvey(survey, event, contentHash);
      if (folded === survey) continue;
      declared.set(folded);
      accepted += 1;
    }
    // Answers that another process brings meanwhile are counted by these declarations, or by its own count of them anew.
    for (const id of before.keys()) transaction.hold(id);
    for (const draft of [declared, envelopes]) draft.write(transaction);
    for (const [id, old] of before) {
      const now = declared.get(id);
      const changed = old && now && (countingOf(old.questions) !== countingOf(now.questions) || old.order !== now.order);
      if (changed) await recount(transaction, now);
    }
    return { accepted, refused };
  });
}

async function recount(transaction: Transaction, survey: SurveyDocument): Promise<void> {
  const said: ResponseEvent[] = [];
  const old: CellDocument[] = [];
  const stretch = { prefix: [survey.id], limit: PAGE };
  for (let after: string | undefined; ; ) {
    const page = await transaction.scan(responses.bySurvey, { ...stretch, ...(after === undefined ? {} : { after }) });
    for (const { document } of page) said.push(currentVersion(document).event);
    if (page.length < PAGE) break;
    after = page.at(-1)?.position;
  }
  for (let after: string | undefined; ; ) {
    const page = await transaction.scan(cells.bySurvey, { ...stretch, ...(after === undefined ? {} : { after }) });
    for (const { document } of page) old.push(document);
    if (page.length < PAGE) break;
    after = page.at(-1)?.position;
  }
  await recountSurvey(transaction, survey, said, old);
}

/** Counts answers; says how many were new. */
export function commitResponses(
  store: Store,
  valid: readonly (KeptEvent<ResponseEvent> & { readonly receivedAt: number })[],
  pseudonym: Pseudonym,
): Promise<Committed> {
  return store.commit(async (transaction) => {
    const said = new Draft<ResponseDocument>(responses);
    const editions = new Draft<SurveyDocument>(surveys);
    const named = new Draft<TeamDocument>(teams);
    const people = new Draft<UserDocument>(users);
    const envelopes = new Envelopes();
    const userOf = ({ user }: ResponseEvent): string[] => (user ? [userIdOf(pseudonymOf(user, pseudonym))] : []);
    await Promise.all([
      said.read(transaction, valid.map(({ event }) => responseIdOf(event))),
      editions.read(transaction, valid.map(({ event }) => surveyIdOf(event.survey))),
      named.read(transaction, valid.flatMap(({ event: { team } }) => (team ? [teamIdOf(team)] : []))),
      people.read(transaction, valid.flatMap(({ event }) => userOf(event))),
      envelopes.read(transaction, valid),
    ]);
    const changes: Change[] = [];
    const refused: Rejection[] = [];
    let accepted = 0;
    for (const each of valid) {
      const { event, contentHash, receivedAt } = each;
      const checked = envelopes.check(each);
      if (checked !== null && checked !== 'new') refused.push(checked);
      if (checked !== 'new') continue;
      const survey = editions.get(surveyIdOf(event.survey)) ?? toUndeclaredSurvey(event.survey);
      const old = said.get(responseIdOf(event));
      const response = foldResponse(old, event, contentHash, receivedAt);
      if (response === old) continue;
      accepted += 1;
      said.set(response);
      editions.set(survey);
      const before = old && currentVersion(old).event;
      const after = currentVersion(response).event;
      if (before !== after) changes.push({ survey, before, after });
      if (event.team && !named.get(teamIdOf(event.team))) named.set(toUnregisteredTeam(event.team));
      const claim = claimOf(event.answeredAt, contentHash);
      const teamId = event.team ? teamIdOf(event.team) : null;
      for (const id of userOf(event)) {
        people.set(foldUser(people.get(id), id, { namespace: event.survey.namespace, teamId, claim }));
      }
    }
    for (const { survey } of changes) transaction.hold(survey.id);
    for (const draft of [said, editions, named, people, envelopes]) draft.write(transaction);
    await countChanges(transaction, changes);
    return { accepted, refused };
  });
}
