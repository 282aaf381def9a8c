import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('no package.json above this file: run loopgraph from its own folder, as npm does');
    folder = parent;
  }
  return folder;
}

/** The folder that holds package.json, whether this runs from its sources or from dist/: questions/ and sample/ are found from here. */
export const projectRoot: string = findRoot();

/** A path inside the project, such as `projectPath('questions')`. */
export function projectPath(...parts: readonly string[]): string {
  return join(projectRoot, ...parts);
}
