// node build.mjs FOLDER [PROGRAM...]: writes the programs to a folder, each with what it imports in a few files, since a start that
// reads a thousand files takes half as long again. Types are checked by `npm run types`.
import { readFileSync, readdirSync } from 'node:fs';
import { build } from 'rolldown';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));

/** The programs that npm's commands run, and the benches. */
const programs = Object.values(scripts).flatMap((script) => [...script.matchAll(/node dist\/(\S+)\.js/g)].map(([, name]) => name));
const benches = [...readdirSync('bench').filter((file) => /^[a-z0-9-]+\.ts$/.test(file)).map((file) => `bench/${file.replace(/\.ts$/, '')}`), ...readdirSync('bench/raw').filter((file) => /-(server|process)\.ts$/.test(file)).map((file) => `bench/raw/${file.replace(/\.ts$/, '')}`)];

await build({
  input: Object.fromEntries([...programs, ...benches, ...process.argv.slice(3)].map((name) => [name, `${name}.ts`])),
  platform: 'node',
  // Native parts find their binaries beside themselves; the driver and GraphiQL's page are read only where they are used.
  external: [/^lmdb(\/|$)/, /^@graphql-hive\/router-query-planner/, /^mongodb(\/|$)/, /^@graphql-yoga\/render-graphiql/],
  logLevel: 'warn',
  output: { dir: process.argv[2], format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js', cleanDir: true },
});
