import { refuse } from '../graph/errors.ts';
import type { Store } from '../store/port.ts';
import { type BucketSpan, cover, DAY_MS, HOUR_MS, type Level, QUARTER_HOUR_MS } from './bucket.ts';
import { type BucketDocument, type Buckets, bucketId } from './documents.ts';
import { createTotals, type Totals } from './totals.ts';
import type { Window } from './window.ts';

/** Up to this many buckets are fetched by id; beyond, a scan of what there is may be cheaper. */
const MOST_IDS = 50_000;
/** Of MongoDB: ids of 200 bytes stay below the 16 MB of one command. */
const IDS_OF_A_COMMAND = 60_000;
const MOST_BUCKETS = 2_000_000;
const MOST_PREFIXES = 10_000;
const MOST_ENTRIES = 100_000;

const shortest: Readonly<Record<Level, number>> = { Q: QUARTER_HOUR_MS, H: HOUR_MS, D: DAY_MS, M: 28 * DAY_MS };

interface Plan {
  /** The buckets of each point. */
  readonly points: readonly (readonly BucketSpan[])[];
  readonly levels: readonly Level[];
  readonly count: number;
}

const plans = new WeakMap<Window, Plan>();

/**
 * Each entity's series over a window, a point each in order; null where nothing was recorded. One store command for all
 * entities and points: the covering buckets by their ids, or, where these are more than MOST_IDS and the levels they are of hold
 * hardly more, a scan of each level. Only a window of more than MOST_IDS buckets whose points are cut athwart the buckets
 * (days of Kolkata for hundreds of entities) takes one command for each IDS_OF_A_COMMAND.
 * @throws WINDOW_TOO_MANY_POINTS beyond MOST_BUCKETS buckets.
 */
export async function readSeries(
  store: Pick<Store, 'get' | 'scanEach'>,
  buckets: Buckets,
  entities: readonly string[],
  window: Window,
): Promise<Map<string, (Totals | null)[]>> {
  const names = [...new Set(entities)];
  const plan = planOf(window);
  if (names.length === 0) return new Map();
  const total = names.length * plan.count;
  if (total > MOST_BUCKETS) {
    throw refuse('WINDOW_TOO_MANY_POINTS', `Expected a series of at most ${MOST_BUCKETS} buckets, got ${total} for ${names.length} entities. Ask for fewer, for a shorter window, or for coarser points.`);
  }
  return total > MOST_IDS && isScannable(plan, window, names.length) ? scanSeries(store, buckets, names, window, plan) : getSeries(store, buckets, names, plan);
}

function planOf(window: Window): Plan {
  let plan = plans.get(window);
  if (!plan) {
    const points = window.points.map(cover);
    const levels = new Set<Level>();
    let count = 0;
    for (const point of points) {
      count += point.length;
      for (const { level } of point) levels.add(level);
    }
    plan = { points, levels: [...levels], count };
    plans.set(window, plan);
  }
  return plan;
}

function isScannable(plan: Plan, window: Window, entities: number): boolean {
  const held = plan.levels.map((level) => Math.ceil((window.to - window.from) / shortest[level]) + 1);
  const all = held.reduce((sum, count) => sum + count, 0);
  return all <= 2 * plan.count && Math.max(...held) < MOST_ENTRIES && entities * plan.levels.length <= MOST_PREFIXES;
}

async function getSeries(store: Pick<Store, 'get'>, buckets: Buckets, entities: readonly string[], plan: Plan): Promise<Map<string, (Totals | null)[]>> {
  const ids = entities.flatMap((entity) => plan.points.flatMap((point) => point.map(({ level, from }) => bucketId(entity, level, from))));
  const documents: (BucketDocument | null)[] = [];
  for (let at = 0; at === 0 || at < ids.length; at += IDS_OF_A_COMMAND) {
    for (const document of await store.get(buckets, ids.slice(at, at + IDS_OF_A_COMMAND))) documents.push(document);
  }
  let at = 0;
  return new Map(
    entities.map((entity) => [
      entity,
      plan.points.map((point) => createTotals(documents.slice(at, (at += point.length)).filter((document) => document !== null))),
    ]),
  );
}

async function scanSeries(
  store: Pick<Store, 'scanEach'>,
  buckets: Buckets,
  entities: readonly string[],
  window: Window,
  plan: Plan,
): Promise<Map<string, (Totals | null)[]>> {
  const prefixes = entities.flatMap((entity) => plan.levels.map((level) => [entity, level]));
  const found = await store.scanEach(buckets.bySpan, prefixes, { from: window.from, to: window.to, limit: MOST_ENTRIES });
  const pointOf = new Map(plan.points.flatMap((point, index) => point.map(({ level, from }) => [`${level}${from}`, index] as const)));
  return new Map(
    entities.map((entity, order) => {
      const points: BucketDocument[][] = plan.points.map(() => []);
      for (const entries of found.slice(order * plan.levels.length, (order + 1) * plan.levels.length)) {
        for (const { document } of entries) points[pointOf.get(`${document.level}${document.from}`) ?? -1]?.push(document);
      }
      return [entity, points.map(createTotals)];
    }),
  );
}
