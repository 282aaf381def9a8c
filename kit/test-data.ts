import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { projectPath } from './project.ts';

const FOLDER = projectPath('..', 'shared', 'data');

/** The path of a real file, such as `platform/LCG-2005-1.swf.gz`; null where the files are not beside this project. */
export function realData(path: string): string | null {
  const file = join(FOLDER, path);
  return existsSync(file) ? file : null;
}

/**
 * A test on real files, given their paths in order. Where one of them is absent the test is skipped, and the reason
 * stands in the run's last lines.
 */
export function itWithRealData(name: string, paths: readonly string[], body: (...files: string[]) => Promise<void> | void): void {
  test(name, async (context) => {
    const files = paths.map(realData);
    const absent = paths.filter((_, index) => files[index] === null);
    if (absent.length > 0) context.skip(`the real data is not beside the project: ${absent.join(', ')}`);
    await body(...files.filter((file) => file !== null));
  });
}
