import { pino } from 'pino';
import { parseSettings } from '../../gateway/settings.ts';
import { start } from '../../gateway/start.ts';
import type { Subgraph } from '../../kit/subgraph.ts';
import { platform } from '../../subgraphs/platform/index.ts';

/*
 * A server with the platform's subgraph alone, in a process of its own: `node single-server.js FOLDER` keeps what comes;
 * with `bare` behind it the receiver says that it took what it was given, and does nothing. Prints its address.
 */

const [folder = '', mode] = process.argv.slice(2);
const bare: Subgraph = { ...platform, receivers: { openlineage: async (_, events) => ({ accepted: events.length, repeated: 0, rejected: [] }) } };
const subgraphs = [mode === 'bare' ? bare : platform];
const settings = parseSettings({ PORT: '0', SAMPLE: 'off', STORE: `lmdb:${folder}`, LOG_LEVEL: 'silent' }, ['platform']);
const running = await start(settings, { subgraphs, importers: [], logger: pino({ level: 'silent' }), say: () => {} });
process.stdout.write(`${running.address}\n`);
process.once('SIGTERM', () => {
  void running.close().then(() => process.exit(0));
});
