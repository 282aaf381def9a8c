import { openStore } from './open.ts';
import { defineCollection, StoreError } from './port.ts';
import type { Document } from './port.ts';

interface Half extends Document {
  readonly number: number;
}

/** Two halves of each number, written together, and a counter of each process's commits. */
export const halves = defineCollection('test.halves', { byNumber: (half: Half) => [half.number] });

/*
 * Run as a process: opens the store at the first argument, prints `open`, and writes number after number until it has
 * written as many as the second argument says, printing each when it is durable. Where it cannot open, it prints the
 * error's code and message.
 */
const [, , location, count] = process.argv;
if (location !== undefined && /^(lmdb|mongodb):/.test(location)) {
  try {
    const store = await openStore(location, [halves]);
    process.stdout.write('open\n');
    for (let step = 0; step < Number(count); step++) {
      const number = await store.commit(async (transaction) => {
        const [last] = await transaction.get(halves, ['last']);
        const next = (last?.number ?? 0) + 1;
        transaction.put(halves, { id: 'last', number: next });
        transaction.put(halves, { id: `left ${next}`, number: next });
        transaction.put(halves, { id: `right ${next}`, number: next });
        return next;
      });
      process.stdout.write(`${number}\n`);
    }
    await store.close();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    process.stdout.write(`${error.code} ${error.message}\n`);
  }
}
