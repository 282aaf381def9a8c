import { ClientError, GraphQLClient } from 'graphql-request';
import { JobsPage, NodeById } from './documents.ts';
import { createRecorder } from './recorder.ts';

const [url = ''] = process.argv.slice(2);

const toErrors = (thrown: unknown): unknown =>
  thrown instanceof ClientError ? { status: thrown.response.status, errors: thrown.response.errors?.map(({ message, extensions }) => ({ message, code: extensions?.['code'] })) } : String(thrown);

const recorder = createRecorder();
const client = new GraphQLClient(url, { fetch: recorder.fetch });
const names: string[] = [];
let id = '';
for (let after: string | null = null, isMore = true; isMore; ) {
  const { jobs }: Awaited<ReturnType<typeof askPage>> = await askPage(after);
  names.push(...(jobs?.edges.map(({ node }) => node.name) ?? []));
  id ||= jobs?.edges[0]?.node.id ?? '';
  isMore = jobs?.pageInfo.hasNextPage ?? false;
  after = jobs?.pageInfo.endCursor ?? null;
}
async function askPage(after: string | null) {
  return client.request(JobsPage, { first: 2, after });
}

const { node } = await client.request(NodeById, { id });
const getter = new GraphQLClient(url, { method: 'GET', headers: { 'apollo-require-preflight': 'true' } });
const got = await getter.request(NodeById, { id }).then((answer) => answer.node, toErrors);
const wrong = await client.request('query Wrong { nothing }').then(() => 'answered', toErrors);
const plainly = new GraphQLClient(url);
const batched = await plainly.batchRequests([{ document: '{ __typename }' }, { document: '{ __typename }' }]).then(() => 'answered', toErrors);

process.stdout.write(JSON.stringify({ names, node, got, wrong, batched, sent: recorder.sent }));
