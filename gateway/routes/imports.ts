import type { FastifyInstance, FastifyReply } from 'fastify';
import { FileError } from '../../importers/importer.ts';
import type { Importer } from '../../importers/importer.ts';
import { importFile } from '../../importers/runner.ts';
import type { Progress, Summary } from '../../importers/runner.ts';
import { toAnswer } from '../faults/answers.ts';
import type { Gateway } from '../gateway.ts';
import { Refusal } from '../faults/refusal.ts';
import { toReadable } from '../request-body.ts';

/** One line of the streamed answer; the last is a summary or an error. */
export type ImportLine =
  | { readonly progress: Progress }
  | { readonly summary: Summary }
  | { readonly error: { readonly code: string; readonly message: string } };

export const NDJSON = 'application/x-ndjson';

/** Finds an importer by its kind. @throws Refusal 404 that names the known ones */
function findImporter(importers: readonly Importer[], kind: string): Importer {
  const importer = importers.find((each) => each.kind === kind);
  if (importer !== undefined) return importer;
  throw new Refusal(404, 'FILE_UNKNOWN_KIND', `No importer is named "${kind}"; known are ${importers.map((each) => each.kind).join(', ')}.`);
}

/** Serves the importers: a file as the body, parameters in the query string, an answer in one piece or line by line. */
export async function serveImports(app: FastifyInstance, gateway: Gateway): Promise<void> {
  const { importers, ingest } = gateway;

  async function* stream(run: (onProgress: (progress: Progress) => void) => Promise<Summary>): AsyncGenerator<string> {
    const lines: ImportLine[] = [];
    let wake = (): void => {};
    let isDone = false;
    const done = run((progress) => {
      lines.push({ progress });
      wake();
    })
      .then((summary) => lines.push({ summary }))
      .catch((error: unknown) => lines.push({ error: toAnswer(error, gateway.failures, 'import').body.error }))
      .finally(() => {
        isDone = true;
        wake();
      });
    while (!isDone || lines.length > 0) {
      if (lines.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      yield lines.splice(0).map((line) => `${JSON.stringify(line)}\n`).join('');
    }
    await done;
  }

  app.post<{ Params: { kind: string }; Querystring: Record<string, string | string[]> }>('/import/:kind', { config: { needs: ['admin'] } }, async (request, reply): Promise<Summary | FastifyReply> => {
    const importer = findImporter(importers, request.params.kind);
    if (/^\s*multipart\//i.test(request.headers['content-type'] ?? '')) {
      throw new Refusal(415, 'BODY_UNREADABLE', 'Expected the file itself as the body, got a form with parts; send it as curl --data-binary @FILE does.');
    }
    const parameters = Object.fromEntries(
      Object.entries(request.query).map(([name, value]) => {
        if (typeof value === 'string') return [name, value];
        throw new FileError('FILE_BAD_PARAMETER', `expected the parameter ${name} once, got it ${value.length} times`);
      }),
    );
    const run = (onProgress?: (progress: Progress) => void) =>
      importFile(importer, request.raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>, parameters, ingest.send, onProgress === undefined ? {} : { onProgress });
    if (!(request.headers.accept ?? '').includes(NDJSON)) return run();
    return reply.header('content-type', NDJSON).send(toReadable(stream(run)));
  });
}
