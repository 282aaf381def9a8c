import { describe, expect, test } from 'vitest';
import { describeSettings, parseSettings } from './settings.ts';

const parse = (environment: Readonly<Record<string, string>>) => parseSettings(environment, ['viewing', 'platform']);

describe('parseSettings', () => {
  test('gives the defaults for an empty environment, frozen', () => {
    const settings = parse({ PORT: '', HOST: ' ' });
    expect(settings).toEqual({
      host: '127.0.0.1', port: 4000, store: 'lmdb:.data', sample: true, subgraphs: null, supergraph: null, supergraphConfig: null,
      supergraphPoll: 10, introspection: true, operations: 'any', corsOrigins: [], apiKey: null, keys: null, tokens: null, gatewayKey: null, rateLimit: null, pseudonymKey: null, traceEndpoint: null, logLevel: 'info',
    });
    expect(Object.isFrozen(settings)).toBe(true);
  });

  test('loads no sample into MongoDB unless asked to', () => {
    const STORE = 'mongodb://localhost/loopgraph?replicaSet=rs';
    expect(parse({ STORE }).sample).toBe(false);
    expect(parse({ STORE, SAMPLE: 'on' }).sample).toBe(true);
  });

  test('reads lists with commas, and none as no subgraph', () => {
    expect(parse({ SUBGRAPHS: 'platform, viewing', CORS_ORIGINS: 'https://a.example.com,http://localhost:5173' })).toMatchObject({
      subgraphs: ['platform', 'viewing'],
      corsOrigins: ['https://a.example.com', 'http://localhost:5173'],
    });
    expect(parse({ SUBGRAPHS: 'none' }).subgraphs).toEqual([]);
  });

  test('reports every wrong setting together', () => {
    expect(() => parse({ PORT: '70000', STORE: 'sqlite://me:secret@x', LOG_LEVEL: 'loud', SUBGRAPHS: 'weather', SUPERGRAPH: 'a', SUPERGRAPH_CONFIG: 'b' })).toThrow(
      /PORT: expected a port from 0 to 65535, got "70000"\n {2}STORE: expected lmdb:FOLDER or a mongodb:\/\/ URI, got sqlite:…\n {2}LOG_LEVEL: expected one of trace.*\n {2}SUBGRAPHS: no subgraph is named "weather".*\n {2}SUPERGRAPH_CONFIG: set either/,
    );
    expect(() => parse({ CORS_ORIGINS: 'a/b' })).toThrow('got "a/b"');
  });

  test('listens where other machines reach it only where callers can be told', () => {
    expect(() => parse({ HOST: '0.0.0.0' })).toThrow('HOST: other machines reach 0.0.0.0, so callers must be known: set API_KEYS or JWKS_URL');
    expect(parse({ HOST: '0.0.0.0', API_KEYS: 'ops admin a-key-of-22-characters-1' }).keys?.size).toBe(1);
    expect(parse({ HOST: '::1' }).keys).toBeNull();
    expect(() => parse({ JWKS_URL: 'https://issuer.example.com/keys' })).toThrow('JWKS_URL: set JWT_ISSUER and JWT_AUDIENCE too');
    expect(() => parse({ JWT_ISSUER: 'https://issuer.example.com' })).toThrow('JWKS_URL: expected beside JWT_ISSUER');
  });

  test('says what is wrong with keys without showing one', () => {
    const problemOf = (API_KEYS: string): string => {
      try {
        parse({ API_KEYS });
      } catch (error) {
        return String(error);
      }
      return 'none';
    };
    expect(problemOf('ops admin short-key')).toContain('API_KEYS: entry 1 (ops): expected a key of at least 22 characters');
    expect(problemOf('ops admin short-key')).not.toContain('short-key');
    expect(problemOf('ops')).toContain('API_KEYS: entry 1: expected a name, roles and a key');
    expect(problemOf('ops root a-key-of-22-characters-1')).toContain('got "root"');
    expect(problemOf('a read a-key-of-22-characters-1; b read a-key-of-22-characters-1')).toContain('entry 2 (b): expected a key of its own');
    expect(problemOf('a read+emit:spark a-key-of-22-characters-1\na read a-key-of-22-characters-2')).toContain('expected a name of its own');
  });

  test('refuses two supergraphs at once', () => {
    expect(() => parse({ SUPERGRAPH: 'a.graphql', SUPERGRAPH_CONFIG: 'b.yaml' })).toThrow('not both');
  });
});

test('every setting is described with its default', () => {
  expect(describeSettings().match(/^ +default: .+$/gm)).toHaveLength(21);
});
