import type { Document } from '../../kit/store/port.ts';
import type { Rebuild } from '../../kit/subgraph.ts';
import { cells, feedbacks, responses, surveys, type Tally, teamEvents } from './documents.ts';
import { commitResponses, commitSurveys, commitTeams } from './commits.ts';

/** What is kept holds pseudonyms already. */
const asKept = (identifier: string): string => identifier;

const STEPS = 'what an open edition shows is the count at the last step of five, which depends on the order in which answers came';

/** Teams' events, declarations and every version of an answer are kept whole. */
export const rebuild: Rebuild = {
  async replay(kept, into) {
    for await (const page of kept.all(teamEvents)) await commitTeams(into, page.flatMap(({ event }, index) => (event === undefined ? [] : [{ index, event }])));
    for await (const page of kept.all(surveys)) {
      const declared = page.flatMap(({ declarations }) => declarations.map(({ event, claim }, index) => ({ index, event, contentHash: claim.hash })));
      await commitSurveys(into, declared);
    }
    for await (const page of kept.all(responses)) {
      const said = page.flatMap(({ versions, receivedAt }) =>
        versions.map(({ event, contentHash, at }, place) => ({ index: place, event, contentHash, receivedAt: place === 0 || event.answeredAt ? receivedAt : at })),
      );
      await commitResponses(into, said, asKept);
    }
    // Which source and id said what is a fact of its own, also where it repeated what another had said.
    for await (const page of kept.all(teamEvents)) {
      await into.commit(async (transaction) => {
        for (const taken of page) if (taken.event === undefined) transaction.put(teamEvents, taken);
      });
    }
  },
  undetermined: [
    { collection: cells.name, fields: ['shown'], reason: STEPS },
    { collection: feedbacks.name, fields: ['pending'], reason: STEPS },
  ],
  isLeftover(collection, document: Document & { readonly n?: number; readonly live?: Tally }) {
    if (collection === feedbacks.name) return document.n === 0;
    return collection === cells.name && document.live?.n === 0 && document.live.offScale === 0;
  },
};
