/** What a store of @fastify/rate-limit calls with what it has counted. */
type Counted = (error: Error | null, result?: { current: number; ttl: number }) => void;

interface Count {
  current: number;
  readonly since: number;
}

/** How many callers are counted at once; the one not seen for longest is forgotten first. */
const MOST_CALLERS = 10_000;

/**
 * A store of @fastify/rate-limit (FastifyRateLimitStore) whose clock never goes back: by the wall clock, which the library's own
 * reads, a caller at its limit would stay there until a clock that was set back has caught up.
 */
export class RateCounts {
  readonly #counts = new Map<string, Count>();
  readonly #most: number;
  readonly #now: () => number;

  /** @param now Milliseconds since any moment. */
  constructor(_options: object, most: number = MOST_CALLERS, now: () => number = () => performance.now()) {
    this.#most = most;
    this.#now = now;
  }

  incr(caller: string, callback: Counted, stretchMs: number): void {
    const at = this.#now();
    const known = this.#counts.get(caller);
    const count: Count = known === undefined || at - known.since >= stretchMs ? { current: 0, since: at } : known;
    count.current += 1;
    // What was set last stands last.
    this.#counts.delete(caller);
    this.#counts.set(caller, count);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > this.#most && oldest !== undefined) this.#counts.delete(oldest);
    callback(null, { current: count.current, ttl: stretchMs - (at - count.since) });
  }

  child(): RateCounts {
    return new RateCounts({}, this.#most, this.#now);
  }
}
