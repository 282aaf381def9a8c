const { createOperationDescriptor, Environment, fetchQuery, getSelector, Network, RecordSource, Store } = require('relay-runtime');
const [jobsQuery, pageQuery, jobQuery, jobsFragment] = ['documentsQuery', 'documentsPageQuery', 'documentsJobQuery', 'documents_jobs'].map((name) => require(`./artifacts/${name}.graphql.js`));

const [url] = process.argv.slice(2);

/** As Relay's documentation has it. */
async function fetchFromServer({ text, name }, variables) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json; charset=utf-8, application/json; charset=utf-8' },
    body: JSON.stringify({ query: text, operationName: name, variables }),
  });
  return response.json();
}

async function main() {
  const environment = new Environment({ network: Network.create(fetchFromServer), store: new Store(new RecordSource()) });
  /** The connection as the store has it, pages merged by Relay's own handler. */
  const readConnection = (variables) => {
    const operation = createOperationDescriptor(jobsQuery, variables);
    environment.retain(operation);
    const { data } = environment.lookup(operation.fragment);
    return environment.lookup(getSelector(jobsFragment, data)).data.jobs;
  };

  await fetchQuery(environment, jobsQuery, { first: 2 }).toPromise();
  const first = readConnection({ first: 2 });
  let last = first;
  while (last.pageInfo.hasNextPage) {
    await fetchQuery(environment, pageQuery, { first: 2, after: last.pageInfo.endCursor }).toPromise();
    last = readConnection({ first: 2 });
  }
  const { id } = first.edges[0].node;
  const refetched = await fetchQuery(environment, jobQuery, { id }).toPromise();
  const wrong = await fetchQuery(environment, jobQuery, { id: 'nobody' }).toPromise().then((data) => ({ data }), (error) => ({ message: error.message }));
  const nameOf = (connection) => connection.edges.map(({ node }) => node.name);
  process.stdout.write(JSON.stringify({ first: nameOf(first), all: nameOf(last), totalCount: last.totalCount, node: environment.getStore().getSource().get(id), asked: Object.keys(refetched), wrong }));
}

main();
