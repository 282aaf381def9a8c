import { DAY, parseDay } from './clock.ts';
import type { Company } from './company.ts';
import type { StudioOptions } from './options.ts';
import { createRandom } from './random.ts';
import type { Fault } from './truth.ts';

/** A stretch in which a show's job ends well and writes what nobody can use. */
export interface IncidentPlan {
  readonly fault: Fault;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

const FAULTS: readonly Fault[] = ['ROW_LOSS', 'EMPTY', 'NULL_CONTENT', 'WEB_PAGE', 'COLUMN_GONE'];

/** How many shows have an incident: one in five, at least one of each fault where there are as many shows, at most 40. */
function countIncidents(company: Company): number {
  const { length } = company.shows;
  return Math.min(40, length, Math.max(FAULTS.length, Math.floor(length / 5)));
}

/** By dataset: at most one stretch each, of one to three nights, the last planned of which is still open at the end. */
export function drawIncidents(options: StudioOptions, company: Company): ReadonlyMap<string, IncidentPlan> {
  const random = createRandom(`${options.seed}/incidents`);
  const startAt = parseDay(options.start);
  const count = countIncidents(company);
  const plans = new Map<string, IncidentPlan>();
  while (plans.size < count) {
    const show = random.pick(company.shows);
    const firstDay = random.between(Math.min(2, options.days - 1), Math.max(1, options.days - 5));
    const nights = random.between(1, 3);
    const open = plans.size === count - 1;
    if (plans.has(show.dataset)) continue;
    const from = startAt + (open ? Math.max(1, options.days - 3) : firstDay) * DAY;
    const to = open ? Number.POSITIVE_INFINITY : from + nights * DAY;
    plans.set(show.dataset, { fault: FAULTS[plans.size % FAULTS.length] ?? 'ROW_LOSS', from, to });
  }
  return plans;
}

/** The dataset, none of those with an incident, whose column `startup_ms` becomes `startup_time_ms`. */
export function drawRenaming(
  options: StudioOptions,
  company: Company,
  incidents: ReadonlyMap<string, IncidentPlan>,
): { readonly dataset: string; readonly at: number } {
  const sound = company.shows.filter((show) => !incidents.has(show.dataset));
  const show = createRandom(`${options.seed}/renaming`).pick(sound.length > 0 ? sound : company.shows);
  return { dataset: show.dataset, at: parseDay(options.start) + Math.max(1, Math.floor((options.days * 2) / 5)) * DAY };
}
