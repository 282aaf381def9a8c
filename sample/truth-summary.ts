import type { RunTally, Truth } from './studio/index.ts';

const sum = <T>(items: readonly T[], figure: (item: T) => number): number => items.reduce((total, item) => total + figure(item), 0);
const count = (number: number): string => String(number).replaceAll(/\B(?=(\d{3})+$)/g, ',');

/** What truly happened, for a person: figures to hold answers against. All of it is simulated. */
export function describeTruth(truth: Truth): string {
  const runs = [...Object.values(truth.runs), truth.unattributed];
  const total = (name: keyof RunTally): number => sum(runs, (tally) => tally[name]);
  const viewing = [...Object.values(truth.viewing), truth.viewingOfNoShow];
  const surveys = Object.entries(truth.surveys).map(([edition, teams]) => {
    const tallies = Object.values(teams);
    return `edition ${edition}: ${count(sum(tallies, ({ responses }) => responses))} of ${count(sum(tallies, ({ invited }) => invited))}`;
  });
  const { change } = truth;
  const side = ({ runs: all, failed, waitMs }: typeof change.before): string =>
    `${count(failed)} of ${count(all)} failed, ${(waitMs / Math.max(1, all) / 60_000).toFixed(1)} min waited on average`;
  return [
    `teams      ${count(truth.teams.length)}; shows ${count(Object.keys(truth.viewing).length)}`,
    `runs       ${count(total('runs'))}: ${count(total('completed'))} completed, ${count(total('failed'))} failed, ${count(total('aborted'))} aborted, ${count(total('lost'))} lost; ${count(truth.unattributed.runs)} of no team`,
    `incidents  ${count(truth.incidents.length)}, of which ${count(truth.incidents.filter(({ until }) => until === null).length)} still open`,
    `sessions   ${count(sum(viewing, ({ sessions }) => sessions))}, ${count(Math.round(sum(viewing, ({ watchedMs }) => watchedMs) / 3_600_000))} hours watched`,
    `answers    ${surveys.join('; ')}`,
    `change     ${change.engine} ${change.versionAfter} at ${change.at}: failures truly ${change.failureProbability.before} before and ${change.failureProbability.after} after, waits times ${change.waitRatio}`,
    `  before   ${side(change.before)}`,
    `  after    ${side(change.after)}`,
  ].join('\n');
}
