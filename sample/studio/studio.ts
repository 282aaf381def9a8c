import { HOUR } from './clock.ts';
import type { StudioOptions } from './options.ts';
import { parseOptions } from './options.ts';
import { closeWeek, isMonday, playRegistry } from './registry.ts';
import { playCatalogue, playJobs } from './schedule.ts';
import { createAudience, playSessions } from './sessions.ts';
import { planEditions, playEdition } from './surveys.ts';
import type { Truth } from './truth.ts';
import type { StudioEvent, World } from './world.ts';
import { createWorld } from './world.ts';

/** A made-up company of which everything is known. Equal options play equal events, byte for byte, on every machine. */
export interface Studio {
  readonly options: StudioOptions;
  /** Plays from the first day, in the order of event times; holds a few hours of it in memory. Each call plays anew. */
  readonly play: () => Generator<StudioEvent, Truth>;
  /** What happens in it, as the player decided; plays it through once, unless a whole playing has been read already. */
  readonly truth: () => Truth;
}

/**
 * Builds a studio; nothing is played yet.
 * @throws RangeError that names the option, what was expected and what came.
 */
export function createStudio(options: StudioOptions): Studio {
  const parsed = parseOptions(options);
  let known: Truth | null = null;
  function* play(): Generator<StudioEvent, Truth> {
    known = yield* playWorld(createWorld(parsed));
    return known;
  }
  return {
    options: parsed,
    play,
    truth() {
      if (known !== null) return known;
      const playing = play();
      for (;;) {
        const step = playing.next();
        if (step.done === true) return step.value;
      }
    },
  };
}

function* playWorld(world: World): Generator<StudioEvent, Truth> {
  playRegistry(world);
  playCatalogue(world);
  const audience = createAudience(world);
  const editions = planEditions(world);
  for (let hourAt = world.startAt; hourAt < world.endAt; hourAt += HOUR) {
    if (isMonday(hourAt)) closeWeek(world, hourAt);
    playSessions(world, hourAt, audience);
    playJobs(world, hourAt);
    for (const edition of editions) if (edition.openAt === hourAt) playEdition(world, edition);
    yield* tellBefore(world, hourAt + HOUR);
  }
  if (isMonday(world.endAt)) closeWeek(world, world.endAt);
  yield* tellBefore(world, Number.POSITIVE_INFINITY);
  return world.truth;
}

function* tellBefore(world: World, end: number): Generator<StudioEvent> {
  const { events } = world.truth;
  for (const told of world.queue.takeBefore(end)) {
    events[told.kind] = (events[told.kind] ?? 0) + 1;
    yield told;
  }
}
