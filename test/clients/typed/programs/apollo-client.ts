import { createHash } from 'node:crypto';
import { ApolloClient, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { Defer20220824Handler } from '@apollo/client/incremental';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { relayStylePagination } from '@apollo/client/utilities';
import { JobsPage, NodeById } from './documents.ts';
import { createRecorder } from './recorder.ts';

const [uri = ''] = process.argv.slice(2);

const createCache = (): InMemoryCache =>
  new InMemoryCache({ possibleTypes: { Node: ['Job'] }, typePolicies: { Query: { fields: { jobs: relayStylePagination() } } } });

const toErrors = (thrown: unknown): unknown =>
  CombinedGraphQLErrors.is(thrown) ? thrown.errors.map(({ message, extensions }) => ({ message, code: extensions?.['code'] })) : String(thrown);

const plain = createRecorder();
const client = new ApolloClient({ link: new HttpLink({ uri, fetch: plain.fetch }), cache: createCache(), incrementalHandler: new Defer20220824Handler() });

const { data } = await client.query({ query: JobsPage, variables: { first: 2 } });
const watched = client.watchQuery({ query: JobsPage, variables: { first: 2 } });
const subscription = watched.subscribe(() => {});
for (let after = data?.jobs?.pageInfo; after?.hasNextPage === true; ) {
  const more = await watched.fetchMore({ variables: { after: after.endCursor ?? null } });
  after = more.data?.jobs?.pageInfo;
}
const pages = client.readQuery({ query: JobsPage, variables: { first: 2 } });
subscription.unsubscribe();

const id = data?.jobs?.edges[0]?.node.id ?? '';
const byId = await client.query({ query: NodeById, variables: { id } });
const deferred = await client.query({ query: gql`query Deferred { jobs(first: 1) { ... @defer { totalCount } } }`, fetchPolicy: 'no-cache' }).then(() => 'answered', toErrors);
const unknownField = await client.query({ query: gql`query Unknown { nothing }` }).then(() => 'answered', toErrors);

/** Twice by hash, by clients that know nothing of each other: the first one is told that the server does not know it, and sends the document. */
async function askHashed(useGETForHashedQueries: boolean, ask: (hashed: ApolloClient) => Promise<unknown>): Promise<unknown> {
  const { sent, fetch } = createRecorder();
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  const answers: unknown[] = [];
  for (let time = 0; time < 2; time++) {
    const link = new PersistedQueryLink({ sha256, useGETForHashedQueries }).concat(new HttpLink({ uri, fetch }));
    answers.push(await ask(new ApolloClient({ link, cache: createCache() })).catch(toErrors));
  }
  return { answers, sent };
}

const byGet = createRecorder();
const getter = new ApolloClient({ link: new HttpLink({ uri, fetch: byGet.fetch, useGETForQueries: true }), cache: createCache() });
const got = await getter.query({ query: NodeById, variables: { id } }).then((answer) => answer.data?.node, toErrors);

process.stdout.write(
  JSON.stringify({
    names: pages?.jobs?.edges.map(({ node }) => node.name),
    node: byId.data?.node,
    sent: plain.sent,
    deferred,
    unknownField,
    hashed: await askHashed(false, async (hashed) => (await hashed.query({ query: JobsPage, variables: { first: 1 } })).data?.jobs?.totalCount),
    hashedGet: await askHashed(true, async (hashed) => (await hashed.query({ query: NodeById, variables: { id } })).data?.node),
    got: { answer: got, sent: byGet.sent },
  }),
);
client.stop();
