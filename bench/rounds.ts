import { type Load, type Measured, measure } from "./load.ts";

/** What each of several loads came to, round by round. */
export type Rounds<Name extends string> = Record<Name, Measured>[];

/** How loads are driven. */
export interface Pace {
  connections: number;
  rounds: number;
  seconds: number;
}

/** Long enough that on a slow machine the slowest call is answered, with as many others under way. */
export const WARM_UP_SECONDS = 5;

/**
 * All loads in turn, to and fro, several rounds, so that a slow moment of the machine falls on all of them. `pid` is who
 * serves.
 */
export async function measureAll<Name extends string>(
  loads: Record<Name, Load>,
  { connections, rounds, seconds }: Pace,
  pid: number,
): Promise<Rounds<Name>> {
  const names = Object.keys(loads) as Name[];
  const taken: Rounds<Name> = [];
  for (const name of names) await measure(loads[name], connections, WARM_UP_SECONDS, pid);
  for (let number = 1; number <= rounds; number++) {
    const round: Partial<Record<Name, Measured>> = {};
    for (const name of number % 2 === 0 ? names.toReversed() : names) {
      const measured = await measure(loads[name], connections, seconds, pid);
      round[name] = measured;
      console.error(`round ${number}/${rounds}  ${name.padEnd(9)} ${Math.round(measured.perSecond)}/s`);
    }
    taken.push(round as Record<Name, Measured>);
  }
  return taken;
}

export function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** 99 of 100 are at most that. */
export function p99(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length * 0.99)] ?? Number.NaN;
}

export function mediansOf<Name extends string>(taken: Rounds<Name>): Record<string, Measured> {
  const medianOfPoint = (name: string): Measured => {
    const measured = taken.map((round) => round[name as Name]);
    return {
      perSecond: medianOf(measured.map(({ perSecond }) => perSecond)),
      p50Ms: medianOf(measured.map(({ p50Ms }) => p50Ms)),
      p99Ms: medianOf(measured.map(({ p99Ms }) => p99Ms)),
      cpuMicros: medianOf(measured.map(({ cpuMicros }) => cpuMicros)),
    };
  };
  return Object.fromEntries(Object.keys(taken[0] ?? {}).map((name) => [name, medianOfPoint(name)]));
}

/** A ratio over several rounds. */
export interface Ratio {
  median: number;
  min: number;
  max: number;
}

/** Of each round by itself, for what slows the machine slows both alike. */
export function ratioOf<Name extends string>(taken: Rounds<Name>, one: Name, other: Name): Ratio {
  const ratios = taken.map((round) => round[one].perSecond / round[other].perSecond);
  return { median: medianOf(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
}
