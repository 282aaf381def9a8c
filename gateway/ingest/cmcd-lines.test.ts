import { readdir, readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { projectPath } from '../../kit/project.ts';
import { toScale } from '../../kit/test-scale.ts';
import { loadCmcdReader } from './cmcd-lines.ts';

const read = await loadCmcdReader();
const readText = (line: string) => read(Buffer.from(line));
const folder = projectPath('test', 'emitters', 'players', 'recorded');
const lines = (await Promise.all((await readdir(folder)).map((file) => readFile(`${folder}/${file}`, 'utf8')))).flatMap((body) => body.trim().split('\n'));

test('every line that a player sent is read', () => {
  expect(lines.length).toBeGreaterThan(100);
  for (const line of lines) expect(readText(line)).toMatchObject({ report: { e: expect.stringMatching(/^[a-z]+$/), v: 2 } });
});

test('what structured fields can say comes as JSON can say it', () => {
  expect(readText('su,e=ps,br=(400;v 64;a),com.example-x="größe",nor=("b.m4s";r="0-5"),x=?0,d=@12,z=:aGk=:,t=1.5;u=tok')).toEqual({
    report: {
      su: true, e: 'ps', br: [{ value: 400, params: { v: true } }, { value: 64, params: { a: true } }], 'com.example-x': 'größe',
      nor: [{ value: 'b.m4s', params: { r: '0-5' } }], x: false, d: 12, z: 'aGk=', t: { value: 1.5, params: { u: 'tok' } },
    },
  });
});

test.each([
  ['e=ps,ts=', 8],
  ['cid="größe",E=1', 14],
  ['bl=(1 2', 7],
  ['e=t,', 4],
])('%s is told by the byte where it ends to be a dictionary', (line, offset) => {
  expect(readText(line)).toEqual({ message: expect.stringContaining(`at offset ${offset},`) });
});

test('bytes that are no line end in a reason, whatever they are', () => {
  const mutated = fc.tuple(fc.constantFrom(...lines), fc.array(fc.tuple(fc.nat(300), fc.uint8Array({ maxLength: 4 })), { minLength: 1, maxLength: 4 })).map(([line, edits]) => {
    let bytes = Buffer.from(line);
    for (const [at, put] of edits) bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + put.length)]);
    return bytes;
  });
  const nested = fc.nat(10_000).map((depth) => Buffer.from(`a=${'('.repeat(depth)}`));
  fc.assert(
    fc.property(fc.oneof({ weight: 20, arbitrary: mutated }, { weight: 5, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) }, nested), (bytes) => {
      const line = read(bytes);
      expect('message' in line ? line.message.startsWith('expected ') : isDeepStrictEqual(JSON.parse(JSON.stringify(line.report)), line.report)).toBe(true);
    }),
    { numRuns: toScale(100_000), seed: 3 },
  );
});
