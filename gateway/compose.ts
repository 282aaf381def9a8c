import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { subgraphs } from '../subgraphs/index.ts';
import { CompositionError } from './graph/composition.ts';
import { composeGraph, DEFAULT_BASE, toSubgraphUrl } from './graph/supergraph-text.ts';
import { StartFault } from './settings.ts';
import { loadSupergraphConfig } from './graph/supergraph-config.ts';

const command = new Command('compose')
  .description('Writes the supergraph, plain Federation 2, which any federation router can serve.')
  .argument('[file]', 'where it is written', 'supergraph.graphql')
  .option('--url <address>', 'where the local subgraphs answer', DEFAULT_BASE)
  .option('--config <file>', "a supergraph.yaml in Rover's form: remote subgraphs to compose with the local ones");

/** Composes all local subgraphs, but for those that the configuration says run elsewhere. */
async function compose(): Promise<void> {
  command.parse();
  const { url, config } = command.opts<{ url: string; config?: string }>();
  const file = resolve(command.processedArgs[0] as string);
  const remotes = config === undefined ? [] : await loadSupergraphConfig(config);
  const base = url.replace(/\/+$/, '');
  const locals = subgraphs.filter(({ name }) => !remotes.some((remote) => remote.name === name));
  const supergraph = composeGraph([...locals.map(({ name, typeDefs }) => ({ name, url: toSubgraphUrl(base, name), typeDefs })), ...remotes], base);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, supergraph);
  process.stdout.write(`Composed ${[...locals, ...remotes].map(({ name }) => name).join(', ')} into ${file}\n`);
}

compose().catch((error: unknown) => {
  const isPlain = error instanceof CompositionError || error instanceof StartFault;
  process.stderr.write(`${isPlain ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
