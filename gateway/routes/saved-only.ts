import { Refusal } from '../faults/refusal.ts';

/** What is answered where only saved questions are run and something else came. */
export function refuseUnsaved(names: readonly string[]): Refusal {
  return new Refusal(403, 'OPERATION_NOT_SAVED', `This server runs saved questions only: send operationName and no document. ${names.length === 0 ? 'None is saved here' : `Saved are ${names.join(', ')}`}.`);
}
