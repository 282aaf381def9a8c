/** What a client sent, and how it was answered. */
export interface Sent {
  readonly method: string;
  readonly accept: string | null;
  readonly hasDocument: boolean;
  readonly hasHash: boolean;
  readonly status: number;
  readonly type: string | null;
}

/** The platform's fetch, which notes what goes through it. */
export function createRecorder(): { readonly sent: Sent[]; readonly fetch: typeof fetch } {
  const sent: Sent[] = [];
  return {
    sent,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const search = new URL(request.url).searchParams;
      const body = (request.method === 'POST' ? await request.clone().json() : { query: search.get('query') ?? undefined, extensions: JSON.parse(search.get('extensions') ?? '{}') }) as {
        query?: string;
        extensions?: { persistedQuery?: { sha256Hash?: string } };
      };
      const response = await fetch(request);
      sent.push({
        method: request.method,
        accept: request.headers.get('accept'),
        hasDocument: body.query !== undefined,
        hasHash: typeof body.extensions?.persistedQuery?.sha256Hash === 'string',
        status: response.status,
        type: response.headers.get('content-type'),
      });
      return response;
    },
  };
}
