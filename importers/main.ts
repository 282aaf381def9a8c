import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { SingleBar } from 'cli-progress';
import { toPlainLine } from '../gateway/faults/plain-line.ts';
import { openImportTarget } from '../gateway/ingest/import-target.ts';
import type { ImportTarget } from '../gateway/ingest/import-target.ts';
import { loadSettings, StartFault } from '../gateway/settings.ts';
import { describeFileFault } from '../kit/file-fault.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { describeCounts, describeImporters, describeSummary, parseCommandLine, USAGE, UsageError } from './command-line.ts';
import type { ImportRequest } from './command-line.ts';
import { FileError, type Parameters } from './importer.ts';
import { importers } from './index.ts';
import { joinFiles, type Progress } from './runner.ts';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const complain = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Without a terminal a line is written for each tenth of a file. */
const TENTHS = 10;

interface Meter {
  update(progress: Progress): void;
  stop(): void;
}

function createMeter(file: string, total: number): Meter {
  if (process.stdout.isTTY) {
    const bar = new SingleBar({ format: `${file} {bar} {percentage}% {counts}`, hideCursor: true, clearOnComplete: true });
    bar.start(Math.max(total, 1), 0, { counts: '' });
    return { update: (progress) => bar.update(progress.bytesRead, { counts: describeCounts(progress) }), stop: () => bar.stop() };
  }
  let said = 0;
  return {
    update(progress) {
      const tenth = Math.floor((progress.bytesRead / Math.max(total, 1)) * TENTHS);
      if (tenth <= said) return;
      said = tenth;
      say(`${file}: ${tenth * (100 / TENTHS)} %, ${describeCounts(progress)}`);
    },
    stop() {},
  };
}

async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch((error: unknown) => {
    throw new FileError('FILE_UNREADABLE', describeFileFault(error));
  });
  if (!found.isFile()) throw new FileError('FILE_UNREADABLE', `expected a file, got ${found.isDirectory() ? 'a folder; name the files in it' : 'something else; write it to a file first'}`);
  return found.size;
}

/** What the caller says, and the file's name where the importer reads it. */
function parametersFor(file: string, { importer, parameters }: Extract<ImportRequest, { kind: 'import' }>): Parameters {
  return Object.hasOwn(importer.parameters, 'fileName') ? { fileName: basename(file), ...parameters } : parameters;
}

/** Imports one file, or several as one; true where they were usable. */
async function importOne(target: ImportTarget, files: readonly string[], request: Extract<ImportRequest, { kind: 'import' }>): Promise<boolean> {
  const file = files.join(' + ');
  try {
    const sizes = await Promise.all(files.map(sizeOf));
    const meter = createMeter(file, sizes.reduce((sum, size) => sum + size, 0));
    try {
      const streams = files.map((each) => createReadStream(each));
      const summary = await target.run(request.importer, request.importer.isJoined === true ? joinFiles(streams) : (streams[0] ?? joinFiles([])), parametersFor(file, request), (progress) => meter.update(progress));
      meter.stop();
      say(describeSummary(file, summary));
      return true;
    } finally {
      meter.stop();
    }
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    complain(`${file}: ${error.code}: ${error.message}`);
    return false;
  }
}

async function main(): Promise<number> {
  const asked = parseCommandLine(process.argv.slice(2), importers);
  if (asked.kind !== 'import') {
    say(asked.kind === 'list' ? describeImporters(importers) : `${USAGE}\n\n${describeImporters(importers)}`);
    return 0;
  }
  const settings = loadSettings(subgraphs.map(({ name }) => name));
  const target = await openImportTarget(settings, subgraphs).catch((error: unknown) => {
    throw new StartFault(toPlainLine(error, settings) ?? (error instanceof Error ? (error.stack ?? error.message) : String(error)));
  });
  let unusable = 0;
  try {
    say(`Importing ${asked.importer.kind} ${target.description}`);
    const parts = asked.importer.isJoined === true ? [asked.files] : asked.files.map((file) => [file]);
    for (const files of parts) if (!(await importOne(target, files, asked))) unusable++;
  } finally {
    await target.close();
  }
  return unusable > 0 ? 1 : 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const isPlain = error instanceof UsageError || error instanceof StartFault;
    complain(`import: ${isPlain ? error.message : error instanceof Error ? error.stack : String(error)}`);
    process.exitCode = 1;
  },
);
