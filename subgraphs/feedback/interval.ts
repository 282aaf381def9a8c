/** An interval as common.graphql has it. */
export interface Interval {
  readonly lower: number;
  readonly upper: number;
  readonly level: number;
  readonly method: string;
}

const LEVEL = 0.95;
/** The 97.5 % quantile of the standard normal distribution. */
const Z = 1.959963984540054;

/** Around a share of `n`: E. B. Wilson, JASA 22 (1927). `n` is at least 1. */
export function toWilsonInterval(count: number, n: number): Interval {
  const share = count / n;
  const centre = (share + (Z * Z) / (2 * n)) / (1 + (Z * Z) / n);
  const half = ((Z / (1 + (Z * Z) / n)) * Math.sqrt((share * (1 - share)) / n + (Z * Z) / (4 * n * n)));
  return {
    lower: count === 0 ? 0 : Math.max(0, centre - half),
    upper: count === n ? 1 : Math.min(1, centre + half),
    level: LEVEL,
    method: 'Wilson score',
  };
}

/** Around a mean of `n` numbers, at least 2, of which `variance` is the unbiased variance: Student's t. */
export function toMeanInterval(mean: number, variance: number, n: number): Interval {
  const half = quantileOfT(n - 1) * Math.sqrt(variance / n);
  return { lower: mean - half, upper: mean + half, level: LEVEL, method: 'Student t' };
}

/** The standard error of a net promoter score, in points: of a difference of two shares of one multinomial. */
export function npsError(promoters: number, detractors: number, n: number): number {
  const score = (promoters - detractors) / n;
  return 100 * Math.sqrt(((promoters + detractors) / n - score * score) / n);
}

/** Around a net promoter score in points. `n` is at least 1. */
export function toNpsInterval(promoters: number, detractors: number, n: number): Interval {
  const score = (100 * (promoters - detractors)) / n;
  const half = Z * npsError(promoters, detractors, n);
  return {
    lower: Math.max(-100, score - half),
    upper: Math.min(100, score + half),
    level: LEVEL,
    method: 'multinomial variance, normal',
  };
}

/** One of two shares that are compared. `n` is at least 1. */
interface Counted {
  readonly count: number;
  readonly n: number;
}

/** Around a difference of two independent shares: R. G. Newcombe, Statistics in Medicine 17 (1998), method 10. */
export function toShareDifferenceInterval(now: Counted, before: Counted): Interval {
  const [share, was] = [now.count / now.n, before.count / before.n];
  const [own, earlier] = [toWilsonInterval(now.count, now.n), toWilsonInterval(before.count, before.n)];
  return {
    lower: share - was - Math.hypot(share - own.lower, earlier.upper - was),
    upper: share - was + Math.hypot(own.upper - share, was - earlier.lower),
    level: LEVEL,
    method: 'Newcombe hybrid score',
  };
}

/** Around a difference of two independent estimates with their standard errors. */
export function toDifferenceInterval(difference: number, first: number, second: number): Interval {
  const half = Z * Math.hypot(first, second);
  return { lower: difference - half, upper: difference + half, level: LEVEL, method: 'independent samples, normal' };
}

/** The 97.5 % quantile of Student's t. Found by halving, since its distribution has a finite form for whole degrees. */
function quantileOfT(degrees: number): number {
  if (degrees > 100_000) return Z;
  let low = Z;
  let high = 13;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (centralProbabilityOfT(middle, degrees) < LEVEL) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(|T| < t): Abramowitz and Stegun, 26.7.3 for odd and 26.7.4 for even degrees. */
function centralProbabilityOfT(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const square = Math.cos(angle) ** 2;
  const odd = degrees % 2 === 1;
  let term = odd ? Math.cos(angle) : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let power = odd ? 3 : 2; power <= degrees - 2; power += 2) {
    term *= (square * (power - 1)) / power;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}
