import { graphql } from './gql/gql.ts';

/** A page of a connection. */
export const JobsPage = graphql(`
  query JobsPage($first: Int!, $after: String) {
    jobs(first: $first, after: $after) {
      totalCount
      edges {
        cursor
        node {
          id
          name
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

/** One object by its id, whatever it is. */
export const NodeById = graphql(`
  query NodeById($id: ID!) {
    node(id: $id) {
      id
      ... on Job {
        name
        namespace
      }
    }
  }
`);
