import type { Random } from './random.ts';

/** The two teams that run the platform; every other team makes shows. */
export const PLATFORM_TEAM = 'simulated/data-platform';
export const INSIGHTS_TEAM = 'simulated/insights';

const FIELDS = ['drama', 'comedy', 'crime', 'documentary', 'family', 'animation', 'thriller', 'romance', 'history', 'science', 'music', 'sport'];
const PLACES = ['', 'nordic', 'iberian', 'andean', 'baltic', 'levant', 'pacific', 'alpine', 'atlantic', 'delta', 'highland', 'island'];

/** The n-th team that makes shows, from 0: unique for every n. */
export function toShowTeamName(n: number): string {
  const field = FIELDS[n % FIELDS.length];
  const round = Math.floor(n / FIELDS.length);
  const place = PLACES[round % PLACES.length];
  const lap = Math.floor(round / PLACES.length);
  return `simulated/${place === '' ? '' : `${place}-`}${field}${lap === 0 ? '' : `-${lap + 1}`}`;
}

const FIRST = [
  'Amber', 'Borrowed', 'Copper', 'Distant', 'Empty', 'Faithful', 'Gilded', 'Hollow', 'Iron', 'Jagged', 'Kindred', 'Lucky', 'Midnight',
  'Narrow', 'Open', 'Paper', 'Quiet', 'Restless', 'Salted', 'Tender', 'Upper', 'Velvet', 'Wandering', 'Yellow', 'Zero',
];
const SECOND = [
  'Atlas', 'Bridges', 'Choir', 'Daughters', 'Elevator', 'Ferry', 'Garden', 'Harvest', 'Inheritance', 'Junction', 'Kitchen', 'Lantern',
  'Meridian', 'Neighbours', 'Orchard', 'Pilots', 'Quarry', 'Railway', 'Seasons', 'Tribunal', 'Umbrella', 'Voyage', 'Witness', 'Yard',
];

/** Titles in an order of the seed's own: 600 different ones, then the same again with a number. */
export function drawTitles(random: Random, count: number): readonly string[] {
  const titles = FIRST.flatMap((first) => SECOND.map((second) => `${first} ${second}`));
  for (let last = titles.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1);
    [titles[last], titles[other]] = [titles[other] ?? '', titles[last] ?? ''];
  }
  return Array.from({ length: count }, (_, n) => {
    const lap = Math.floor(n / titles.length);
    return `${titles[n % titles.length]}${lap === 0 ? '' : ` ${lap + 1}`}`;
  });
}

/** Lower case with hyphens, for names of jobs and datasets. */
export function toSlug(title: string): string {
  return title.toLowerCase().replaceAll(' ', '-');
}
