import { writeSync } from 'node:fs';
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';

const nameOf = (test: TestCase): string => `${test.module.relativeModuleId} > ${test.fullName}`;

/** Why a test was skipped, as it said itself. */
function reasonOf(test: TestCase): string {
  const result = test.result();
  return (result.state === 'skipped' ? result.note : undefined) ?? 'it says no reason';
}

/** Tests of the same reason are told in one line. */
function describeSkips(skipped: readonly TestCase[]): string[] {
  const byReason = new Map<string, TestCase[]>();
  for (const test of skipped) byReason.set(reasonOf(test), [...(byReason.get(reasonOf(test)) ?? []), test]);
  return [...byReason].map(([reason, [first, ...others]]) => {
    const rest = others.length === 0 ? '' : ` and ${others.length} more`;
    return `skipped: ${first === undefined ? '' : nameOf(first)}${rest}: ${reason}`;
  });
}

/** Ends a run with why tests were skipped and, as the very last line, `N passed, N failed, N skipped`. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const withState = (state: string): TestCase[] => tests.filter((test) => test.result().state === state);
    const skipped = withState('skipped');
    // A file that cannot be loaded or a suite that cannot be set up has no tests to fail, and an error outside of any test
    // fails the run as well.
    const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const broken = suites.filter((suite) => suite.errors().length > 0).length + unhandled.length;
    const lines = [
      ...describeSkips(skipped),
      `${withState('passed').length} passed, ${withState('failed').length + broken} failed, ${skipped.length} skipped`,
    ];
    // Servers that tests share are stopped after this, and say so; nothing is said after the exit.
    process.once('exit', () => writeSync(1, `${lines.join('\n')}\n`));
  }
}
