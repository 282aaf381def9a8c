import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { announce } from './contestant.ts';
import { QUESTIONS } from './linked-graph.ts';

/*
 * What somebody would write by hand who has only these three questions to answer and no gateway: ask, join, write. Any other operation is
 * refused. `node fan-out-process.js VIEWING PLATFORM FEEDBACK`, each the URL of a subgraph. The goal of a gateway over HTTP.
 */

interface Team {
  readonly name: string;
  readonly feedback: readonly { readonly n: number; readonly mean: number }[];
}
interface Ref {
  readonly id: string;
}
interface Job {
  readonly name: string;
  readonly runs: readonly unknown[];
  readonly team: Ref | null;
}
interface Dataset {
  readonly name: string;
  readonly writers: readonly Job[];
}
interface Show {
  readonly title: string;
  readonly team: Ref | null;
  readonly datasets: readonly Ref[];
}

const [viewing, platform, feedback] = process.argv.slice(2, 5).map((url) => {
  const pool = new Pool(url, { connections: 64 });
  const path = new URL(url).pathname;
  return async <T>(query: string, variables?: Record<string, unknown>): Promise<T> => {
    const { body } = await pool.request({ method: 'POST', path, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query, variables }) });
    const { data } = (await body.json()) as { data: T };
    return data;
  };
});
if (!viewing || !platform || !feedback) throw new Error('expected the URLs of viewing, platform and feedback');

/** Entities by id, each asked once. */
async function byId<T>(ask: NonNullable<typeof viewing>, type: string, fields: string, refs: Iterable<Ref | null>): Promise<Map<string, T>> {
  const ids = new Set<string>();
  for (const ref of refs) if (ref !== null) ids.add(ref.id);
  const known = [...ids];
  const { _entities } = await ask<{ _entities: T[] }>(
    `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on ${type} ${fields} } }`,
    { representations: known.map((id) => ({ __typename: type, id })) },
  );
  return new Map(known.map((id, index) => [id, _entities[index] as T]));
}

const TEAM = '{ name feedback { n mean } }';

async function answerLinked(): Promise<unknown> {
  const { shows } = await (viewing as NonNullable<typeof viewing>)<{ shows: Show[] }>('{ shows(n: 30) { title team { id } datasets { id } } }');
  const teamsOf = (refs: Iterable<Ref | null>): Promise<Map<string, Team>> => byId<Team>(feedback as NonNullable<typeof feedback>, 'Team', TEAM, refs);
  const [showTeams, { datasets, jobTeams }] = await Promise.all([
    teamsOf(shows.map((show) => show.team)),
    byId<Dataset>(platform as NonNullable<typeof platform>, 'Dataset', '{ name writers { name runs { state durationMs startedAt } team { id } } }', shows.flatMap((show) => show.datasets)).then(async (found) => ({
      datasets: found,
      jobTeams: await teamsOf([...found.values()].flatMap((dataset) => dataset.writers.map((job) => job.team))),
    })),
  ]);
  const joined = new Map([...datasets].map(([id, { name, writers }]) => [
    id,
    { name, writers: writers.map((job) => ({ name: job.name, runs: job.runs, team: job.team && jobTeams.get(job.team.id) })) },
  ]));
  return { shows: shows.map((show) => ({ title: show.title, team: show.team && showTeams.get(show.team.id), datasets: show.datasets.map(({ id }) => joined.get(id)) })) };
}

const answers = new Map<string, () => Promise<unknown>>([
  [QUESTIONS.simple, () => (viewing as NonNullable<typeof viewing>)(QUESTIONS.simple)],
  [QUESTIONS.linked, answerLinked],
  [QUESTIONS.wide, () => (viewing as NonNullable<typeof viewing>)(QUESTIONS.wide)],
]);

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
    const { query } = JSON.parse(Buffer.concat(chunks).toString()) as { query: string };
    const answer = answers.get(query);
    if (!answer) return void response.writeHead(400).end();
    answer().then(
      (data) => {
        const body = JSON.stringify({ data });
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
      },
      () => response.writeHead(502).end(),
    );
  });
});
server.listen(0, '127.0.0.1', () => announce(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`));
