import { SingleBar } from 'cli-progress';
import { addressOf } from '../gateway/ingest/import-target.ts';
import { StartFault, loadSettings } from '../gateway/settings.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { USAGE, UsageError, parseCommandLine } from './command-line.ts';
import { playInto } from './player.ts';
import type { PlayProgress } from './player.ts';
import { ServerError, createPost } from './server-post.ts';
import { DAY } from './studio/clock.ts';
import { createStudio } from './studio/index.ts';
import type { StudioOptions } from './studio/index.ts';
import { describeTruth } from './truth-summary.ts';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** Without a terminal a line is written for each tenth of the period. */
const TENTHS = 10;

interface Meter {
  update(progress: PlayProgress): void;
  stop(): void;
}

function createMeter({ start, days }: StudioOptions): Meter {
  const startAt = Date.parse(`${start}T00:00:00Z`);
  const shareOf = ({ at }: PlayProgress): number => Math.min(1, Math.max(0, (at - startAt) / (days * DAY)));
  const dayOf = ({ at }: PlayProgress): string => new Date(at).toISOString().slice(0, 10);
  if (process.stdout.isTTY) {
    const bar = new SingleBar({ format: '{bar} {percentage}% {day}, {events} events', hideCursor: true, clearOnComplete: true });
    bar.start(100, 0, { day: start, events: 0 });
    return { update: (progress) => bar.update(Math.floor(100 * shareOf(progress)), { day: dayOf(progress), events: progress.events }), stop: () => bar.stop() };
  }
  let said = 0;
  return {
    update(progress) {
      const tenth = Math.floor(shareOf(progress) * TENTHS);
      if (tenth <= said) return;
      said = tenth;
      say(`${dayOf(progress)}: ${tenth * (100 / TENTHS)} %, ${progress.events} events`);
    },
    stop() {},
  };
}

async function main(): Promise<number> {
  const asked = parseCommandLine(process.argv.slice(2));
  if (asked.kind === 'help') {
    say(USAGE);
    return 0;
  }
  const { options, rate } = asked;
  const settings = loadSettings(subgraphs.map(({ name }) => name));
  const address = addressOf(settings);
  const owners = new Map(subgraphs.flatMap(({ name, receivers }) => Object.keys(receivers).map((kind) => [kind, name])));
  const studio = createStudio(options);
  const meter = createMeter(options);
  say(`Playing seed ${options.seed}, ${options.days} days from ${options.start}, into ${address}`);
  let played: PlayProgress;
  try {
    played = await playInto(studio, {
      rate,
      post: createPost(address, settings.apiKey),
      ownerOf(kind) {
        const owner = owners.get(kind);
        if (owner === undefined) throw new Error(`no subgraph takes events of the kind ${kind}`);
        return owner;
      },
      onProgress: (progress) => meter.update(progress),
    });
  } finally {
    meter.stop();
  }
  say(`${played.events} events: ${played.accepted} accepted, ${played.repeated} repeated, ${played.rejected} rejected`);
  if (played.firstRejection !== null) say(`  the first rejection: ${played.firstRejection}`);
  say(`What truly happened (simulated):\n${describeTruth(studio.truth())}`);
  return played.rejected > 0 ? 1 : 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const isPlain = error instanceof UsageError || error instanceof ServerError || error instanceof StartFault;
    process.stderr.write(`simulate: ${isPlain ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  },
);
