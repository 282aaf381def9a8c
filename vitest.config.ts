import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  // Without the alias vitest loads graphql twice, as ESM and as CommonJS, and schemas of one are refused by the other.
  resolve: { alias: { graphql: fileURLToPath(new URL('node_modules/graphql/index.js', import.meta.url)) } },
  test: {
    include: ['{kit,subgraphs,gateway,importers,sample,test,bench,examples}/**/*.test.ts'],
    // The other emitters install for minutes; `npm run test:emitters` runs them all.
    exclude: [...configDefaults.exclude, 'test/emitters/!(openlineage-python|cloudevents)/**', 'test/clients/relay/**'],
    globalSetup: ['kit/store/test-mongod-setup.ts', 'test/program-setup.ts'],
    reporters: ['default', './test/summary-reporter.ts'],
    provide: { long: false },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Many files wait for processes of their own; one worker on a machine of two cores would wait with them.
    maxWorkers: 2,
  },
});
