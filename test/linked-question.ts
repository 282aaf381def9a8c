/** From shows to the jobs that measured them, the teams they ran for, what those teams say, and back to their other runs. */
export const LINKED = /* GraphQL */ `
  query Linked($first: Int!, $window: Window!) {
    shows(origin: SIMULATED, first: $first) {
      nodes {
        title
        viewing(window: $window) { whole { sessions hoursViewed } }
        datasets {
          name
          writers {
            name
            latestRun {
              state
              team {
                basis
                team {
                  name
                  registered
                  feedback(first: 2) { about n survey { edition } satisfaction { n mean } }
                  runs(first: 3) { nodes { state startedAt job { name } } }
                  platformUse(window: $window) { whole { runsStarted runHours } }
                }
              }
            }
          }
        }
      }
    }
  }
`;

/** A window of the studio's first four days. */
export const LINKED_VARIABLES = { window: { from: '2026-01-05', to: '2026-01-09' } } as const;
