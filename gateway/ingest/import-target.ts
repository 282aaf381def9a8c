import type { Importer, Parameters } from '../../importers/importer.ts';
import { importFile } from '../../importers/runner.ts';
import type { Progress, Summary } from '../../importers/runner.ts';
import { StoreError } from '../../kit/store/port.ts';
import type { Subgraph } from '../../kit/subgraph.ts';
import { importThroughServer, isLoopgraph } from './import-client.ts';
import { createIngest } from './ingest.ts';
import { createIntroduction, createPassports } from '../identity/passports.ts';
import { StartFault } from '../settings.ts';
import type { Settings } from '../settings.ts';
import { chooseLocals, openGrounds } from '../start.ts';
import type { Grounds } from '../start.ts';
import { loadSupergraphConfig } from '../graph/supergraph-config.ts';

/** Where a file's events go: the running server, or the store itself. */
export interface ImportTarget {
  /** For a person: which of the two. */
  readonly description: string;
  /** @throws FileError, StartFault, StoreError */
  run(importer: Importer, bytes: AsyncIterable<Uint8Array>, parameters: Parameters, onProgress: (progress: Progress) => void): Promise<Summary>;
  close(): Promise<void>;
}

/** The address of this machine's server under these settings. */
export function addressOf({ host, port }: Settings): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

async function createServerTarget(settings: Settings, why: string): Promise<ImportTarget> {
  const address = addressOf(settings);
  if (!(await isLoopgraph(address))) throw new StartFault(`${why} No loopgraph answers at ${address} either: set HOST and PORT to where it does.`);
  return {
    description: `through the server at ${address}`,
    run: ({ kind }, bytes, parameters, onProgress) => importThroughServer({ address, apiKey: settings.apiKey }, kind, bytes, parameters, onProgress),
    async close() {},
  };
}

/**
 * Opens the store where nobody holds it, and the running server where it does.
 * @throws StartFault, StoreError
 */
export async function openImportTarget(settings: Settings, known: readonly Subgraph[]): Promise<ImportTarget> {
  const introduce = createIntroduction(settings.gatewayKey === null ? null : createPassports(settings.gatewayKey));
  const remotes = settings.supergraphConfig === null ? [] : await loadSupergraphConfig(settings.supergraphConfig, { introduce });
  const subgraphs = chooseLocals(settings, known, remotes);
  if (subgraphs.length === 0) return createServerTarget(settings, 'These settings run no subgraph in this process.');
  let grounds: Grounds;
  try {
    grounds = await openGrounds(settings, subgraphs);
  } catch (error) {
    if (error instanceof StoreError && error.code === 'STORE_HELD') return createServerTarget(settings, error.message);
    throw error;
  }
  const { store, surroundings } = grounds;
  const urls = new Map(remotes.map(({ name, url }) => [name, url]));
  const ingest = createIngest({ known, locals: new Set(subgraphs.map(({ name }) => name)), surroundings, introduce, remotes: () => urls });
  return {
    description: `into ${settings.store.startsWith('lmdb:') ? settings.store : 'the MongoDB store'}`,
    run: (importer, bytes, parameters, onProgress) => importFile(importer, bytes, parameters, ingest.send, { onProgress }),
    close: () => store.close(),
  };
}
