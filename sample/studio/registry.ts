import { SIMULATED_NAMESPACE } from '../../kit/graph/id.ts';
import { DAY, HOUR, MINUTE, toDay, toInstant } from './clock.ts';
import { toMemberName } from './company.ts';
import type { World } from './world.ts';

/** What the company knows of itself on its first day: who the teams are, which shows they own, where each show is measured. */
export function playRegistry(world: World): void {
  for (const team of world.company.teams) {
    world.tell(world.startAt, 'team', {
      source: world.source,
      id: `team/${team.name}`,
      name: team.name,
      description: team.description,
      memberCount: team.memberCount,
      members: Array.from({ length: team.memberCount }, (_, member) => toMemberName(team, member)),
      at: toInstant(world.startAt),
    });
  }
  for (const show of world.company.shows) {
    world.tell(world.startAt, 'show', {
      source: world.source,
      id: `show/${show.index}`,
      time: toInstant(world.startAt),
      namespace: SIMULATED_NAMESPACE,
      title: show.title,
      season: show.season,
      kind: show.kind,
      team: show.team,
      datasets: [{ namespace: SIMULATED_NAMESPACE, name: show.dataset }],
    });
  }
}

/**
 * Ends the week at its last midnight: publishes in the morning what each show was watched in it, where the studio
 * played all seven days, and begins the next week.
 */
export function closeWeek(world: World, mondayAt: number): void {
  const fromAt = mondayAt - 7 * DAY;
  const publishedAt = mondayAt + 7 * HOUR;
  for (const show of world.company.shows) {
    const watchedMs = world.weekMs[show.index] ?? 0;
    world.weekMs[show.index] = 0;
    if (fromAt < world.startAt) continue;
    world.tell(publishedAt, 'published-report', {
      namespace: SIMULATED_NAMESPACE,
      report: 'Studio weekly',
      title: show.title,
      season: show.season,
      kind: show.kind,
      period: { from: toDay(fromAt), to: toDay(mondayAt) },
      hoursViewed: Math.round(watchedMs / HOUR),
      hoursRoundedTo: 1,
      runtimeMinutes: Math.round(show.durationMs / MINUTE),
      dataset: { namespace: SIMULATED_NAMESPACE, name: show.dataset },
      publishedAt: toInstant(publishedAt),
    });
  }
}

/** 1970-01-05 was a Monday. */
export function isMonday(midnight: number): boolean {
  return (midnight - 4 * DAY) % (7 * DAY) === 0;
}
