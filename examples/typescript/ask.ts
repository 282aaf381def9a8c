import type { TypedDocumentString } from './gql/graphql.ts';

/** What GraphQL over HTTP answers: `data` null or absent where nothing could be executed, `errors` only where something failed. */
interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly message: string; readonly path?: readonly (string | number)[] }[];
}

/**
 * Asks a typed document: wrong variables do not compile, and the answer is typed by what the document selects.
 * @throws Error with the server's messages where the answer is not whole.
 */
export async function ask<Data, Variables>(url: string, document: TypedDocumentString<Data, Variables>, variables: Variables): Promise<Data> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query: document.toString(), variables }),
  });
  const { data, errors } = (await response.json()) as Answer<Data>;
  if (errors !== undefined || data == null) {
    const messages = (errors ?? []).map(({ message, path }) => `${message}${path === undefined ? '' : ` (at ${path.join('.')})`}`);
    throw new Error(`${url} answered ${response.status}: ${messages.join('; ')}`);
  }
  return data;
}
