import { context as otelContext, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Span } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import type { Store } from '../../kit/store/port.ts';
import type { SubgraphClient } from '../execution/subgraph-client.ts';

/** Where a request's time goes, told to an OpenTelemetry collector: the request, each fetch, each command to the store. */
export interface Traces {
  /** A span for each request, below the client's own where it sends `traceparent`. Is to be called before the routes are made. */
  watchRequests(app: FastifyInstance): void;
  watchClient(client: SubgraphClient): SubgraphClient;
  watchStore(store: Store): Store;
  /** Headers by which another process goes on with the trace. */
  headers(): Readonly<Record<string, string>>;
  /** Sends what waits. */
  close(): Promise<void>;
}

const NAME = 'loopgraph';

/** Runs what a span is about within it, and ends it with its outcome. */
function within<T>(span: Span, run: () => T | Promise<T>): T | Promise<T> {
  const fail = (error: unknown): never => {
    // An error's text may hold what a person wrote; its kind does not.
    span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
    span.end();
    throw error;
  };
  const end = (value: T): T => {
    span.end();
    return value;
  };
  try {
    const value = otelContext.with(trace.setSpan(otelContext.active(), span), run);
    return value instanceof Promise ? value.then(end, fail) : end(value);
  } catch (error) {
    return fail(error);
  }
}

/** Starts telling a collector at an address such as `http://127.0.0.1:4318`. What spans carry is names of ours and counts: no query, no variable, no body. */
export async function startTraces(endpoint: string): Promise<Traces> {
  const [{ NodeTracerProvider, BatchSpanProcessor }, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const { resourceFromAttributes } = await import('@opentelemetry/resources');
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const provider = new NodeTracerProvider({ resource: resourceFromAttributes({ 'service.name': NAME }), spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url }))] });
  // Sets what carries a trace through asynchronous calls and headers (W3C `traceparent`), for the whole process.
  provider.register();
  const tracer = provider.getTracer(NAME);
  const spanOf = (name: string, kind: SpanKind, attributes: Attributes): Span => tracer.startSpan(name, { kind, attributes });

  return {
    watchRequests(app) {
      const spans = new WeakMap<object, Span>();
      app.addHook('onRequest', (request, _reply, done) => {
        const from = propagation.extract(otelContext.active(), request.headers);
        const route = request.routeOptions.url ?? '(none)';
        const span = tracer.startSpan(`${request.method} ${route}`, { kind: SpanKind.SERVER, attributes: { 'http.request.method': request.method, 'http.route': route } }, from);
        spans.set(request, span);
        otelContext.with(trace.setSpan(from, span), done);
      });
      app.addHook('onResponse', async (request, reply) => {
        const span = spans.get(request);
        span?.setAttribute('http.response.status_code', reply.statusCode);
        if (reply.statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
        span?.end();
      });
    },
    watchClient: (client) => ({
      ...client,
      execute: (request, options) => within(spanOf(`fetch ${client.name}`, SpanKind.CLIENT, { 'loopgraph.subgraph': client.name }), () => client.execute(request, options)),
    }),
    watchStore(store) {
      const watch = <T>(command: string, attributes: Attributes, run: () => Promise<T>): Promise<T> =>
        Promise.resolve(within(spanOf(`store ${command}`, SpanKind.CLIENT, { 'db.operation.name': command, ...attributes }), run));
      return {
        get: (collection, ids) => watch('get', { 'db.collection.name': collection.name, 'loopgraph.count': ids.length }, () => store.get(collection, ids)),
        scan: (index, range) => watch('scan', { 'db.collection.name': index.collection.name, 'loopgraph.index': index.name }, () => store.scan(index, range)),
        list: (collection, page) => watch('list', { 'db.collection.name': collection.name }, () => store.list(collection, page)),
        scanEach: (index, prefixes, range) =>
          watch('scanEach', { 'db.collection.name': index.collection.name, 'loopgraph.index': index.name, 'loopgraph.count': prefixes.length }, () => store.scanEach(index, prefixes, range)),
        countEach: (index, prefixes, range) =>
          watch('countEach', { 'db.collection.name': index.collection.name, 'loopgraph.index': index.name, 'loopgraph.count': prefixes.length }, () => store.countEach(index, prefixes, range)),
        commit: (work) => watch('commit', {}, () => store.commit(work)),
        commands: store.commands,
        close: () => store.close(),
      };
    },
    headers() {
      const carrier: Record<string, string> = {};
      propagation.inject(otelContext.active(), carrier);
      return carrier;
    },
    async close() {
      await provider.shutdown();
      otelContext.disable();
      propagation.disable();
      trace.disable();
    },
  };
}
