import { type Connection, joinConnections, type PageArguments, scanConnection } from '../../kit/graph/connection.ts';
import { type Origin, originsOf } from '../../kit/graph/id.ts';
import type { Store } from '../../kit/store/port.ts';
import { type SurveyDocument, surveys, type TeamDocument, teams } from './documents.ts';

/** Teams of an origin, by name; with `ANY` the recorded ones come first. */
export function listTeams(store: Store, origin: Origin | 'ANY', page: PageArguments): Promise<Connection<TeamDocument>> {
  return joinConnections(
    originsOf(origin).map((each) => (part) => scanConnection(store, teams.byOrigin, { prefix: [each] }, part)),
    page,
  );
}

/** Editions of an origin, by namespace, name and edition; with `ANY` the recorded ones come first. */
export function listSurveys(store: Store, origin: Origin | 'ANY', page: PageArguments): Promise<Connection<SurveyDocument>> {
  return joinConnections(
    originsOf(origin).map((each) => (part) => scanConnection(store, surveys.byOrigin, { prefix: [each] }, part)),
    page,
  );
}
