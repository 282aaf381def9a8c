import { graphql } from 'relay-runtime';

/** What a page asks first. */
export const jobsQuery = graphql`
  query documentsQuery($first: Int!) {
    ...documents_jobs @arguments(first: $first)
  }
`;

/** A connection that is paged from where it stands: the compiler writes the query of the next page. */
export const jobsFragment = graphql`
  fragment documents_jobs on Query @argumentDefinitions(first: { type: "Int!" }, after: { type: "String" }) @refetchable(queryName: "documentsPageQuery") {
    jobs(first: $first, after: $after) @connection(key: "documents_jobs") {
      totalCount
      edges {
        node {
          id
          name
          ...documents_job
        }
      }
    }
  }
`;

/** An object that is fetched anew by its id: the compiler writes the query over node(id:). */
export const jobFragment = graphql`
  fragment documents_job on Job @refetchable(queryName: "documentsJobQuery") {
    name
    namespace
  }
`;
