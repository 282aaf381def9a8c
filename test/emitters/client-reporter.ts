import { writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

/** How one client did: failed where anything failed, skipped where nothing was left to pass. */
function describeClient(client: string, modules: readonly TestModule[]): string {
  const results = modules.flatMap((module) => [...module.children.allTests()]).map((test) => test.result());
  const failed = results.filter(({ state }) => state === 'failed').length + modules.filter((module) => module.errors().length > 0).length;
  const passed = results.filter(({ state }) => state === 'passed').length;
  const reasons = new Set(results.flatMap((result) => (result.state === 'skipped' ? [result.note ?? 'it says no reason'] : [])));
  const why = reasons.size === 0 ? '' : `: ${[...reasons].join('; ')}`;
  if (failed > 0) return `${client}: failed (${failed} of ${results.length})`;
  return passed > 0 ? `${client}: passed (${passed} of ${results.length})${why}` : `${client}: skipped${why}`;
}

/** Ends a run of the emitters with one line a client: passed, failed, or skipped and why. A client is a folder. */
export default class ClientReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const byClient = new Map<string, TestModule[]>();
    for (const module of modules) {
      const client = basename(dirname(module.moduleId));
      byClient.set(client, [...(byClient.get(client) ?? []), module]);
    }
    const lines = [...byClient].map(([client, theirs]) => describeClient(client, theirs));
    process.once('exit', () => writeSync(1, `${lines.join('\n')}\n`));
  }
}
