import { cacheExchange, Client, fetchExchange } from '@urql/core';
import type { ClientOptions, CombinedError } from '@urql/core';
import { JobsPage, NodeById } from './documents.ts';
import { createRecorder } from './recorder.ts';

const [url = ''] = process.argv.slice(2);

const toErrors = (error: CombinedError | undefined): unknown =>
  error === undefined ? null : { network: error.networkError?.message ?? null, graphql: error.graphQLErrors.map(({ message, extensions }) => ({ message, code: extensions['code'] })) };

/** Every job, page by page, and the first one by its id; what was sent. */
async function ask(options: Partial<ClientOptions>): Promise<unknown> {
  const { fetch, sent } = createRecorder();
  const client = new Client({ url, exchanges: [cacheExchange, fetchExchange], fetch, ...options });
  const names: string[] = [];
  let id = '';
  let after: string | null = null;
  for (;;) {
    const { data, error }: Awaited<ReturnType<typeof askPage>> = await askPage(after);
    if (error !== undefined || data?.jobs == null) return { errors: toErrors(error), sent };
    names.push(...data.jobs.edges.map(({ node }) => node.name));
    id ||= data.jobs.edges[0]?.node.id ?? '';
    if (!data.jobs.pageInfo.hasNextPage) break;
    after = data.jobs.pageInfo.endCursor ?? null;
  }
  const { data } = await client.query(NodeById, { id });
  const wrong = await client.query('query Wrong { nothing }', {});
  return { names, node: data?.node, wrong: toErrors(wrong.error), sent };

  async function askPage(cursor: string | null) {
    return client.query(JobsPage, { first: 2, after: cursor });
  }
}

process.stdout.write(
  JSON.stringify({
    posted: await ask({ preferGetMethod: false }),
    asItComes: await ask({}),
    gotWithHeader: await ask({ preferGetMethod: true, fetchOptions: { headers: { 'apollo-require-preflight': 'true' } } }),
    got: await ask({ preferGetMethod: true }),
  }),
);
