import { setFlagsFromString } from 'node:v8';
import { StartFault, describeSettings, loadSettings } from './settings.ts';
import type { LoadSample } from './start.ts';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** One plain line on stderr; the exit code says that nothing was started. */
function fail(line: string): never {
  process.stderr.write(`loopgraph: ${line}\n`);
  process.exit(1);
}

/**
 * How far the heap, and with it what buffers hold, grows beyond what lives before V8 collects all of it, in percent. By itself it
 * lets a small heap grow threefold and more, so that a flood of events cost twice the memory that it needs.
 */
setFlagsFromString('--heap-growing-percent=40');

/** How long what is being asked may take after SIGTERM or SIGINT, in milliseconds. */
const DRAIN_TIME = 15_000;

/** How many questions are printed to be tried. */
const SHOWN_QUESTIONS = 12;

/** Read only by the one start that fills the store. */
const loadSample: LoadSample = async (send, onProgress) => (await import('../sample/index.ts')).loadSample(send, onProgress);

const USAGE = 'npm start\nnpm start -- --help';

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    say(describeSettings());
    return;
  }
  if (args[0] !== undefined) fail(`expected no argument but --help, got ${args[0]}; settings come from the environment, such as PORT=4001 npm start\n${USAGE}`);
  const { subgraphs } = await import('../subgraphs/index.ts');
  const settings = loadSettings(subgraphs.map(({ name }) => name));
  const [{ start }, { toPlainLine }, { createLogger }, { importers }] = await Promise.all([
    import('./start.ts'),
    import('./faults/plain-line.ts'),
    import('./logging.ts'),
    import('../importers/index.ts'),
  ]);
  const logger = createLogger(settings.logLevel);
  const running = await start(settings, { subgraphs, importers, loadSample, logger, say }).catch((error: unknown) => {
    const line = toPlainLine(error, settings);
    if (line !== null) fail(line);
    throw error;
  });

  const stop = (signal: NodeJS.Signals): void => {
    logger.info({ signal }, 'draining');
    setTimeout(() => process.exit(1), DRAIN_TIME).unref();
    running.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'could not close');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);

  const { address } = running;
  say(`loopgraph answers at ${address}/graphql (open it in a browser to ask).`);
  const { names } = running.gateway.questions();
  if (names.length > 0) {
    say('Questions to try:');
    for (const name of names.slice(0, SHOWN_QUESTIONS)) say(`  ${address}/graphql?question=${name}`);
  }
}

main().catch((error: unknown) => {
  if (error instanceof StartFault) fail(error.message);
  process.stderr.write(`loopgraph: a fault of its own kept it from starting\n${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
