import { expect } from 'vitest';
import { ask, createFolder, startTest } from '../../gateway/test-gateway.ts';
import { importers } from '../../importers/index.ts';
import { loadSample } from '../../sample/index.ts';
import { subgraphs } from '../../subgraphs/index.ts';

export type Rows = readonly { readonly hoursViewed: number | null }[];

/** A server with the sample, which is asked saved questions. */
export interface SavedQuestions {
  /** Asks a saved question by its name alone and expects no error; `rows` are what its finishing adds. */
  readonly question: <T>(name: string, variables?: object) => Promise<T & { rows: Rows }>;
  readonly stop: () => Promise<void>;
}

export async function startSavedQuestions(): Promise<SavedQuestions> {
  const folder = await createFolder();
  const running = await startTest({ STORE: `lmdb:${folder.path}`, SAMPLE: 'on' }, { subgraphs, importers, loadSample });
  return {
    async question<T>(name: string, variables: object = {}) {
      const { body } = await ask(`${running.address}/graphql`, { id: name, variables });
      const { data, errors, extensions } = body as { data: T; errors?: unknown; extensions?: { rows?: Rows } };
      expect(errors).toBeUndefined();
      return { ...data, rows: extensions?.rows ?? [] };
    },
    async stop() {
      await running.close();
      await folder.remove();
    },
  };
}
