import { subgraphs as ownSubgraphs } from '../../subgraphs/index.ts';
import { importers } from '../../importers/index.ts';
import { createLogger } from '../../gateway/logging.ts';
import { parseSettings } from '../../gateway/settings.ts';
import { start } from '../../gateway/start.ts';
import { announce } from './contestant.ts';
import { createSubgraphs } from './linked-graph.ts';

/*
 * The gateway as it is started for anyone, with its limits, callers' keys, rates and log: `node gateway-process.js KEYS SECRET local FOLDER`
 * runs the bench's subgraphs in one process, `sample FOLDER` the project's own over its sample, `remote FILE` asks those of a composed
 * supergraph. SECRET is what tells subgraphs' processes who asks.
 */

const [keys = '', secret = '', mode, path = ''] = process.argv.slice(2);
const subgraphs = mode === 'sample' ? ownSubgraphs : mode === 'local' ? createSubgraphs() : [];
const settings = parseSettings(
  {
    PORT: '0',
    API_KEYS: keys,
    GATEWAY_KEY: secret,
    RATE_LIMIT: '999999',
    ...(mode === 'remote' ? { SUPERGRAPH: path } : { STORE: `lmdb:${path}` }),
    ...(mode === 'sample' ? {} : { SAMPLE: 'off' }),
  },
  subgraphs.map(({ name }) => name),
);
const running = await start(settings, {
  subgraphs,
  importers,
  loadSample: async (send, say) => (await import('../../sample/index.ts')).loadSample(send, say),
  logger: createLogger(settings.logLevel),
  say: () => {},
});
announce(`${running.address}/graphql`);
