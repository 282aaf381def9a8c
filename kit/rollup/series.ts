import { refuse } from '../graph/errors.ts';
import type { Store } from '../store/port.ts';
import { DAY_MS, HOUR_MS } from '../ingest/time.ts';
import { type BucketSpan, cover, type Level, QUARTER_HOUR_MS, startOfBucket } from './bucket.ts';
import { type BucketDocument, type Buckets, bucketId } from './documents.ts';
import { createTotals, type Totals } from './totals.ts';
import type { Window } from './window.ts';

/** Up to this many buckets are fetched by id; beyond, it is cheaper to ask first what there is. */
const MOST_IDS = 100_000;
/** Of one answer: buckets to fetch, or points to fill by a scan. */
const MOST_READ = 1_000_000;
/** Bounds of the store's port. */
const MOST_PREFIXES = 10_000;
const MOST_ENTRIES = 100_000;

const shortest: Readonly<Record<Level, number>> = { Q: QUARTER_HOUR_MS, H: HOUR_MS, D: DAY_MS, M: 28 * DAY_MS };

type Reader = Pick<Store, 'get' | 'scanEach'>;
type Series = Map<string, (Totals | null)[]>;

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
 * hardly more, a scan of each level. Only where more than MOST_IDS buckets lie athwart the points (days of Kolkata for
 * hundreds of entities) it takes two: a scan of the days that have anything, then a get of their buckets.
 * @throws WINDOW_TOO_MANY_POINTS beyond MOST_READ buckets.
 */
export async function readSeries(store: Reader, buckets: Buckets, entities: readonly string[], window: Window): Promise<Series> {
  const names = [...new Set(entities)];
  const plan = planOf(window);
  if (names.length === 0) return new Map();
  const ids = names.length * plan.count;
  const scans = ids > MOST_IDS && isScannable(plan, window, names.length);
  const total = scans ? names.length * plan.points.length : ids;
  if (total > MOST_READ) {
    throw refuse('WINDOW_TOO_MANY_POINTS', `Expected a series of at most ${MOST_READ} buckets, got ${total} for ${names.length} entities. Ask for fewer, for a shorter window, or for coarser points.`);
  }
  return scans ? scanSeries(store, buckets, names, window, plan) : getSeries(store, buckets, names, window, plan);
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

async function getSeries(store: Reader, buckets: Buckets, entities: readonly string[], window: Window, plan: Plan): Promise<Series> {
  const days = entities.length * plan.count > MOST_IDS ? await readDays(store, buckets, entities, window) : null;
  const ids: string[] = [];
  const ends: number[] = [];
  for (const entity of entities) {
    const full = days?.get(entity);
    for (const point of plan.points) {
      for (const { level, from } of point) {
        if (!full || level === 'M' || full.has(startOfBucket('D', from))) ids.push(bucketId(entity, level, from));
      }
      ends.push(ids.length);
    }
  }
  const documents = await store.get(buckets, ids);
  let [at, point] = [0, 0];
  const read = (): Totals | null => createTotals(documents.slice(at, (at = ends[point++] ?? at)).filter((document) => document !== null));
  return new Map(entities.map((entity) => [entity, plan.points.map(read)]));
}

/** The days on which each entity has anything: what a day lacks, its hours and quarters lack too. Null where there are too many to ask for. */
async function readDays(store: Reader, buckets: Buckets, entities: readonly string[], window: Window): Promise<Map<string, Set<number>> | null> {
  if (entities.length > MOST_PREFIXES || window.to - window.from > (MOST_ENTRIES - 2) * DAY_MS) return null;
  const range = { from: startOfBucket('D', window.from), to: window.to, limit: MOST_ENTRIES };
  const found = await store.scanEach(buckets.bySpan, entities.map((entity) => [entity, 'D']), range);
  return new Map(entities.map((entity, order) => [entity, new Set(found[order]?.map(({ document }) => document.from))]));
}

async function scanSeries(store: Reader, buckets: Buckets, entities: readonly string[], window: Window, plan: Plan): Promise<Series> {
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
