import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { z } from 'zod';
import type { Importer } from '../importers/importer.ts';
import { FileError } from '../importers/importer.ts';
import { readLines } from './request-body.ts';
import { rejectEvent } from '../kit/ingest/receipt.ts';
import { defineCollection } from '../kit/store/port.ts';
import type { Document } from '../kit/store/port.ts';
import { defineSubgraph } from '../kit/subgraph.ts';
import type { Subgraph, Surroundings } from '../kit/subgraph.ts';
import { refuse } from '../kit/graph/errors.ts';
import { parseSettings } from './settings.ts';
import { start } from './start.ts';
import type { Parts, Running } from './start.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';

interface NoteDocument extends Document {
  readonly text: string;
  readonly about: string;
}

const notes = defineCollection<NoteDocument, 'byAbout'>('notes.notes', { byAbout: (note) => [note.about] });
const noteEvent = z.object({ id: z.string(), text: z.string(), about: z.string() });

/** A subgraph that takes notes about things, keeps them, and fails when it is asked to. */
const notesSubgraph: Subgraph = defineSubgraph({
  name: 'notes',
  typeDefs: `${LINK}
    type Query { note(id: ID!): Note notes(about: ID!): [Note!]! refused: Int broken: Int }
    interface Node { id: ID! }
    type Note implements Node @key(fields: "id") { id: ID! text: String! about: Thing }
    type Thing @key(fields: "id", resolvable: false) { id: ID! }`,
  resolvers: {
    Query: {
      note: async (_: unknown, { id }: { id: string }, { store }: Surroundings) => (await store.get(notes, [id]))[0],
      notes: async (_: unknown, { about }: { about: string }, { store }: Surroundings) =>
        (await store.scan(notes.byAbout, { prefix: [about], limit: 100 })).map((entry) => entry.document),
      refused: () => {
        throw refuse('BAD_ARGUMENT', 'expected something else');
      },
      broken: () => {
        throw new TypeError('a secret of the inside');
      },
    },
    Note: {
      __resolveReference: async ({ id }: { id: string }, { store }: Surroundings) => (await store.get(notes, [id]))[0],
      about: (note: NoteDocument) => ({ id: note.about }),
    },
  },
  collections: [notes],
  createLoaders: () => ({}),
  receivers: {
    note: async ({ store }, events) => {
      const rejected = [];
      const good: NoteDocument[] = [];
      for (const [index, event] of events.entries()) {
        const parsed = noteEvent.safeParse(event);
        if (parsed.success) good.push(parsed.data);
        else rejected.push(rejectEvent(index, 'EVENT_INVALID', parsed.error.issues[0]?.path.join('.') ?? null, parsed.error.issues[0]?.message ?? ''));
      }
      const repeated = await store.commit(async (transaction) => {
        const known = await transaction.get(notes, good.map(({ id }) => id));
        for (const note of good) transaction.put(notes, note);
        return known.filter((each) => each !== null).length;
      });
      return { accepted: good.length - repeated, repeated, rejected };
    },
  },
});

/** A subgraph that knows things by name, so that a question can go from a note to what it is about. */
const thingsSubgraph: Subgraph = defineSubgraph({
  name: 'things',
  typeDefs: `${LINK}
    type Query { things: [Thing!]! }
    interface Node { id: ID! }
    type Thing implements Node @key(fields: "id") { id: ID! name: String weight: Int }`,
  resolvers: {
    Query: { things: () => ['Thing:a', 'Thing:b'].map((id) => ({ id })) },
    Thing: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      name: ({ id }: { id: string }) => `thing ${id.slice('Thing:'.length)}`,
      weight: ({ id }: { id: string }) => id.length,
    },
  },
  collections: [],
  createLoaders: () => ({}),
  receivers: {},
});

/** Lines of `id,text,about`. */
const notesImporter: Importer = {
  kind: 'notes',
  description: 'notes, a line each: id,text,about',
  parameters: { about: 'what every note is about; the third column where it is not given' },
  async *read(bytes, parameters) {
    let line = 0;
    for await (const row of readLines(bytes)) {
      line++;
      const [id, text, about] = row.toString('utf8').split(',');
      if (line === 1 && text === undefined) throw new FileError('FILE_WRONG_KIND', 'expected lines of id,text,about');
      if (text === undefined) yield { line, rejected: { code: 'ROW_INVALID', field: 'text', message: 'expected id,text,about' } };
      else yield { line, kind: 'note', event: { id, text, about: parameters.about ?? about } };
    }
  },
};

/** A folder for the length of a test file. */
export async function createFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'loopgraph-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Starts a process of the test's subgraphs within this one, on a free port. */
export function startTest(environment: Readonly<Record<string, string>>, parts: Partial<Parts> = {}): Promise<Running> {
  const subgraphs = parts.subgraphs ?? [notesSubgraph, thingsSubgraph];
  const settings = parseSettings({ PORT: '0', SAMPLE: 'off', LOG_LEVEL: 'silent', ...environment }, subgraphs.map(({ name }) => name));
  return start(settings, {
    subgraphs,
    importers: [notesImporter],
    loadSample: async () => {},
    logger: pino({ level: 'silent' }),
    say: () => {},
    ...parts,
  });
}

/** A JSON request; what came back, with its body parsed where it is JSON. */
export async function ask(url: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<{ status: number; headers: Headers; body: unknown }> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url, {
    redirect: 'manual',
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { method: 'POST', body: isRaw ? (body as string) : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '') && !/ndjson/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}
