import { graphql } from './gql/gql.ts';

/**
 * From what was watched, to the jobs that measured it, to what people say about those jobs: viewing, the platform and
 * feedback in one question. The client preset types its variables and its answer from the schema.
 */
export const ShowsWithTheirJobs = graphql(`
  query ShowsWithTheirJobs($first: Int!, $window: Window!) {
    shows(origin: SIMULATED, first: $first) {
      nodes {
        title
        viewing(window: $window) {
          whole {
            sessions
            hoursViewed
          }
        }
        datasets {
          name
          writers {
            name
            latestRun {
              state
              team {
                claimedName
              }
            }
            feedback {
              n
              satisfaction {
                mean
              }
            }
          }
        }
      }
    }
  }
`);
