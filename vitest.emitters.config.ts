import { configDefaults, defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** Published emitters and clients of GraphQL, unmodified, against the built server; one after the other, since each installs and runs a platform of its own. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/{emitters,clients}/*/*.test.ts'],
    exclude: configDefaults.exclude,
    reporters: ['default', './test/emitters/client-reporter.ts', './test/summary-reporter.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 900_000,
  },
});
