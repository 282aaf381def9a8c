import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The long proofs whole, of which a plain run takes a tenth. */
export default mergeConfig(base, defineConfig({ test: { provide: { long: true }, testTimeout: 1_800_000, hookTimeout: 600_000 } }));
