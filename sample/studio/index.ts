export { SIZES, parseOptions } from './options.ts';
export type { StudioOptions } from './options.ts';
export { createStudio } from './studio.ts';
export type { Studio } from './studio.ts';
export type { ChangeTruth, IncidentTruth, RunTally, SurveyTally, Truth, ViewingTally } from './truth.ts';
export { toShowKey } from './truth.ts';
export type { StudioEvent } from './world.ts';
