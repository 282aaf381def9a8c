import { createLogger } from '../gateway/logging.ts';
import { loadSettings } from '../gateway/settings.ts';
import { start } from '../gateway/start.ts';
import { subgraphs } from '../subgraphs/index.ts';

/*
 * Run as a process: a server of all subgraphs, by the settings of its environment, that ends itself with SIGKILL when a commit
 * comes to the step that the first argument names, for as many times as the second says. No step named so: it runs on.
 */
const [, , step, times] = process.argv;
let left = Number(times);

const { address } = await start(loadSettings(subgraphs.map(({ name }) => name)), {
  subgraphs,
  importers: [],
  logger: createLogger('warn'),
  say: () => {},
  onStep: (reached) => {
    if (reached !== step) return;
    left -= 1;
    // The kernel ends all threads before this call returns.
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  },
});
process.stdout.write(`loopgraph answers at ${address}/graphql\n`);
