import { namespaceOfTeam, originOf, SIMULATED_NAMESPACE, toId, toNameId } from '../../kit/graph/id.ts';
import { DAY_MS, parseInstant } from '../../kit/ingest/time.ts';
import type {
  Claim,
  ResponseDocument,
  ResponseVersion,
  Subject,
  SurveyDocument,
  TeamDocument,
  UserDocument,
} from './documents.ts';
import type { ResponseEvent, SurveyEvent, SurveyKey, TeamEvent } from './events.ts';
import { toQuestions } from './questions.ts';

/** What stands until somebody claims something. */
const NO_CLAIM: Claim = { at: 0, hash: '' };

/** When an event claims something, and the hash of what it says. */
export function claimOf(at: string | null | undefined, contentHash: string): Claim {
  return { at: momentOf(at) ?? 0, hash: contentHash };
}

function momentOf(text: string | null | undefined): number | null {
  return typeof text === 'string' ? (parseInstant(text)?.ms ?? null) : null;
}

/** Negative where the first claim gives way to the second. */
function compareClaims(first: Claim, second: Claim): number {
  return first.at - second.at || (first.hash < second.hash ? -1 : first.hash > second.hash ? 1 : 0);
}

export const teamIdOf = (name: string): string => toNameId('Team', name);
export const userIdOf = (pseudonym: string): string => toId('User', pseudonym);
export const surveyIdOf = ({ namespace, name, edition }: SurveyKey): string => toId('Survey', namespace, name, edition);
export const feedbackIdOf = (surveyId: string, { about, subjectId }: Subject): string =>
  toId('Feedback', surveyId, about, subjectId);

/** An answer's identity within its survey: the response id, else the row's hash and ordinal. */
export function responseIdOf(event: ResponseEvent): string {
  const surveyId = surveyIdOf(event.survey);
  return typeof event.responseId === 'string'
    ? toId('Response', surveyId, 'id', event.responseId)
    : toId('Response', surveyId, 'row', event.row?.hash ?? '', event.row?.ordinal ?? 0);
}

/** A team that something names and nobody registered. */
export function toUnregisteredTeam(name: string): TeamDocument {
  const namespace = namespaceOfTeam(name);
  return {
    id: teamIdOf(name),
    name,
    namespace,
    origin: originOf(namespace),
    registered: false,
    description: null,
    memberCount: null,
    claim: NO_CLAIM,
  };
}

/** The team after one more `team` event. */
export function foldTeam(team: TeamDocument | null, event: TeamEvent, contentHash: string): TeamDocument {
  const claim = claimOf(event.at, contentHash);
  if (team?.registered === true && compareClaims(team.claim, claim) >= 0) return team;
  return {
    ...toUnregisteredTeam(event.name),
    registered: true,
    description: event.description ?? null,
    memberCount: event.memberCount ?? event.members?.length ?? null,
    claim,
  };
}

/** A person whom only another system names. */
export function toUnknownUser(id: string): UserDocument {
  return { id, namespace: null, teamId: null, claim: NO_CLAIM };
}

/** The person after one more claim of belonging to a team, or none. */
export function foldUser(
  user: UserDocument | null,
  id: string,
  claimed: { readonly namespace: string; readonly teamId: string | null; readonly claim: Claim },
): UserDocument {
  const namespace = originOf(claimed.namespace) === 'SIMULATED' ? SIMULATED_NAMESPACE : 'default';
  const fresh = { id, namespace, teamId: claimed.teamId, claim: claimed.claim };
  if (user === null) return fresh;
  // A claim that names no team does not take anyone out of one.
  const [older, newer] = compareClaims(user.claim, fresh.claim) < 0 ? [user, fresh] : [fresh, user];
  if (newer.teamId !== null || older.teamId === null) return newer;
  return older;
}

/** An edition of which only answers are known so far. */
export function toUndeclaredSurvey(key: SurveyKey): SurveyDocument {
  return {
    id: surveyIdOf(key),
    ...key,
    origin: originOf(key.namespace),
    openedOn: null,
    closedOn: null,
    whole: false,
    invited: null,
    invitedByTeam: {},
    questions: [],
    order: key.edition,
    declarations: [],
  };
}

/** The edition after one more declaration; the same document where it was declared just so before. */
export function foldSurvey(survey: SurveyDocument | null, event: SurveyEvent, contentHash: string): SurveyDocument {
  const { namespace, name, edition } = event;
  const known = survey ?? toUndeclaredSurvey({ namespace, name, edition });
  const claim = claimOf(event.at, contentHash);
  if (known.declarations.some((declared) => declared.claim.hash === claim.hash)) return known;
  const declarations = [...known.declarations, { claim, event }].toSorted((a, b) => compareClaims(a.claim, b.claim));
  const events = declarations.map((declared) => declared.event);
  const newestFirst = events.toReversed();
  const newest = <T>(pick: (declared: SurveyEvent) => T | null | undefined): T | null => {
    for (const declared of newestFirst) {
      const said = pick(declared);
      if (said !== null && said !== undefined) return said;
    }
    return null;
  };
  const openedOn = newest((declared) => declared.openedOn);
  const closedOn = newest((declared) => declared.closedOn);
  return {
    ...known,
    openedOn,
    closedOn,
    order: openedOn ?? closedOn ?? known.edition,
    whole: events.some((declared) => declared.whole === true),
    invited: newest((declared) => declared.invited),
    invitedByTeam: Object.assign({}, ...events.map((declared) => toTeamIds(declared.invitedByTeam ?? {}))) as Record<string, number>,
    questions: toQuestions(events),
    declarations,
  };
}

function toTeamIds(byName: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(byName).map(([name, count]) => [teamIdOf(name), count]));
}

/** The content of a response that counts: the newest by its time; where two have one time, the one that came later. */
export function currentVersion(response: ResponseDocument): ResponseVersion {
  return response.versions.reduce((newest, version) => (version.at >= newest.at ? version : newest));
}

/** The response after one more event of its identity; the same document where this content is known. */
export function foldResponse(
  response: ResponseDocument | null,
  event: ResponseEvent,
  contentHash: string,
  receivedAt: number,
): ResponseDocument {
  const versions = response?.versions ?? [];
  if (response && versions.some((version) => version.contentHash === contentHash)) return response;
  // A clock that was set back does not make what came later older than what came before.
  const came = Math.max(receivedAt, ...versions.flatMap(({ event: earlier, at }) => (earlier.answeredAt ? [] : [at])));
  return {
    id: responseIdOf(event),
    surveyId: surveyIdOf(event.survey),
    receivedAt: response?.receivedAt ?? receivedAt,
    versions: [...versions, { contentHash, at: momentOf(event.answeredAt) ?? came, event }],
  };
}

/** Whom and what an answer is about: always ALL, and each of team, job, dataset and show that it names. */
export function subjectsOf({ team, job, dataset, show }: ResponseEvent): Subject[] {
  const subjects: Subject[] = [{ about: 'ALL', subjectId: null }];
  if (team) subjects.push({ about: 'TEAM', subjectId: teamIdOf(team) });
  if (job) subjects.push({ about: 'JOB', subjectId: toId('Job', job.namespace, job.name) });
  if (dataset) subjects.push({ about: 'DATASET', subjectId: toId('Dataset', dataset.namespace, dataset.name) });
  if (show) {
    const { namespace, title, season = null, kind = null, qualifier = null } = show;
    subjects.push({ about: 'SHOW', subjectId: toId('Show', namespace, title, season, kind, ...(qualifier === null ? [] : [qualifier])) });
  }
  return subjects;
}

/** Whether more answers may come: not where all are in, nor after the last day, which ends with its day in UTC. */
export function isOpen({ whole, closedOn }: SurveyDocument, now: number): boolean {
  return !whole && (closedOn === null || now < Date.parse(`${closedOn}T00:00:00Z`) + DAY_MS);
}
