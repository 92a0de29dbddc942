import process from "node:process";

/** Tells milliseconds since some moment. */
export type Clock = () => number;

/** What `--clock` offers: the time that passes, or the time that this process's threads compute, together. */
export const CLOCKS = {
  wall: () => performance.now(),
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
} as const satisfies Record<string, Clock>;

/** The middle one of some numbers; of an even count the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b), middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

/**
 * Takes the times of several things that are compared, in turn, so that whatever else the machine does meets all of
 * them alike.
 *
 * @param runs What to time, by name.
 * @param options How often each is run and timed, and before that not timed; by which clock.
 * @returns The median time of each, in seconds.
 */
export async function measureInTurn<Name extends string>(
  runs: Readonly<Record<Name, () => unknown>>,
  options: { readonly rounds: number; readonly warmup?: number; readonly clock?: Clock },
): Promise<Record<Name, number>> {
  const { rounds, warmup = 2, clock = CLOCKS.wall } = options;
  // Object.keys() forgets the type of the keys, which is the record's own.
  const names = Object.keys(runs) as Name[];
  const seconds = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = -warmup; round < rounds; round++) {
    for (const name of names) {
      const start = clock();
      await runs[name]();
      if (round >= 0) seconds.get(name)?.push((clock() - start) / 1000);
    }
  }
  // One entry for every name of the record.
  return Object.fromEntries([...seconds].map(([name, times]) => [name, median(times)])) as Record<
    Name,
    number
  >;
}
