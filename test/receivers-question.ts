const DAY = '{ from: "2024-05-01", to: "2024-05-02", granularity: HOUR, timeZone: "Asia/Kolkata" }';
const MONTH = '{ from: "2024-05-01", to: "2024-06-01", granularity: DAY, timeZone: "Asia/Kathmandu" }';
const YEARS = '{ from: "2004-01-01", to: "2028-01-01", granularity: WHOLE }';
const NOVEMBER = '{ from: "2026-11-01", to: "2026-12-01", granularity: WHOLE }';

const POINT = 'from sessions hoursViewed viewers startup { totalMs p50Ms p95Ms } rebufferEvents rebufferRatio meanBitrateKbps bytes errors';
const VIEWING = `points { ${POINT} } whole { ${POINT} } asOf`;
const USE = 'points { from runs runsStarted runsEnded runsCompleted runsFailed runHours distinctUsers costs { billedCost billingCurrency } } whole { runs runHours distinctUsers } asOf';
const SCORES = 'id n about invited withheld { code } scores { question { id } n mean nps offScale shares { answer count } withheld { code } }';

/**
 * Everything that the loops say of what was sent, but for when it was received. So `asOf` of what was published is asked only of
 * rows that say when they were: Netflix's files do not, and the moment of their receipt stands for it.
 */
export const QUESTION = `{
  runs(first: 1000, orderBy: STARTED_AT_ASC) { nodes {
    id runId state attempts events startedAt endedAt durationMs waitMs facets job { name } parent { id } root { id } user { id }
    team { basis claimedName evidence rule team { id registered } } cost { billedCost billingCurrency } inputs { name }
    outputs { writtenAt rows bytes columns verdict fault schemaChange { added removed } dataset { name } } } }
  jobs(first: 1000) { nodes { id namespace name description jobType team { claimedName } versions { version firstSeenAt lastSeenAt url } inputs { name } outputs { name } latestRun { id } feedback { id n } } }
  datasets(first: 1000) { nodes { id namespace name description
    columns { name type inputs { column job { name } dataset { name } } downstream { columns { column } jobs { name } } }
    schemaVersions(first: 100) { nodes { firstSeenAt lastSeenAt columns { name type } change { added removed } } }
    assertions { assertion success column checkedAt } writers { name } readers { name } schemaChanges { at change { added removed } }
    incidents { nodes { id fault since until badOutputs detail } } shows { nodes { title } } viewing(window: ${YEARS}) { basis shows hoursViewed } } }
  incidents { nodes { id fault since until badOutputs } }
  failures(window: ${YEARS}) { nodes { kind at run { id } } }
  use: platformUse(window: ${MONTH}) { total { ${USE} } attributed { ${USE} } unattributed { ${USE} } groups { use { ${USE} } } }
  useEver: platformUse(window: ${YEARS}, by: JOB) { total { ${USE} } }
  playback(window: ${DAY}) { total { ${VIEWING} } attributed { whole { sessions } } unattributed { whole { sessions } } byDevice { device viewing { ${VIEWING} } } byCountry { country viewing { whole { ${POINT} } } } }
  players: playback(window: ${NOVEMBER}) { total { ${VIEWING} } playerReports { reports withoutSession ignoredValues } }
  shows(first: 200) { nodes { id namespace title season kind team { name registered } publishedViewing(window: ${YEARS}) { whole { hoursViewed views restated } } datasets { name } links { fromOn consistent show { id } } } }
  played: shows(namespace: "o") { nodes { title viewing(window: ${DAY}) { ${VIEWING} } viewingByDevice(window: ${DAY}) { device viewing { ${VIEWING} } } viewingByCountry(window: ${MONTH}) { country viewing { whole { ${POINT} } } } } }
  watched: shows(namespace: "players") { nodes { title viewing(window: ${NOVEMBER}) { whole { ${POINT} } asOf } } }
  published: shows(namespace: "o") { nodes { title publishedViewing(window: ${YEARS}) { whole { hoursViewed } asOf } } }
  teams(first: 100) { nodes { id name registered memberCount members { nodes { id } } shows { nodes { title } } feedback { ${SCORES} } platformUse(window: ${MONTH}) { ${USE} } } }
  surveys(first: 100) { nodes { id namespace name edition responses invited responseRate open openedOn closedOn questions { id text kind options scaleMin scaleMax }
    feedback { nodes { ${SCORES} } } teams: feedback(about: TEAM) { nodes { ${SCORES} } } } }
  eventTypes { nodes { type count } }
  refusalTotals { receiver kept dropped refused }
}`;

/** Lists in the order of receipt, which no two orders share: they are compared by id. A message may quote its event's place in a batch. */
export const RECEIVED = `{
  refusals(first: 1000) { nodes { id receiver kind code field times canBeSentAgain } }
  unclaimedEvents(first: 1000) { nodes { id type source eventId time event } }
}`;
