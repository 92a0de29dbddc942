// @ts-types="npm:@types/cli-progress@3.11.6"
import cliProgress from "cli-progress";
import { printError } from "./print.ts";
import type { OnProgress } from "./runners.ts";

/** Shows how far work has come. */
export interface Progress {
  /** Says how many steps are done. */
  update(done: number): void;
  /** Ends the display; to be called whatever happens. */
  stop(): void;
}

/** Where a {@link Progress} shows itself. */
export interface ProgressOptions {
  /** Whether someone watches. @default whether standard error is a terminal */
  readonly isTerminal?: boolean;
  /** Milliseconds. @default performance.now */
  readonly now?: () => number;
  /** @default standard error */
  readonly write?: (text: string) => void;
}

/** Without a terminal, a line is written at most this often, in milliseconds. */
const LINE_INTERVAL = 10_000;

/**
 * Creates a bar with the time left on standard error if it is a terminal, or else an occasional line.
 *
 * @param title What is being done, e.g. `generate`.
 * @param total The number of steps.
 */
export function createProgress(title: string, total: number, options: ProgressOptions = {}): Progress {
  const { isTerminal = Deno.stderr.isTerminal(), now = () => performance.now(), write = printError } =
    options;
  const started = now();
  const left = (done: number) =>
    done > 0 ? formatDuration((now() - started) / done * (total - done) / 1000) : "?";
  return isTerminal ? createBar(title, total, left) : createLines(title, total, { left, now, write });
}

function createBar(title: string, total: number, left: (done: number) => string): Progress {
  const bar = new cliProgress.SingleBar({
    format: `${title} {bar} {percentage}% | {value}/{total} | {left} left`,
    hideCursor: true,
    gracefulExit: true, // gives the cursor back on Ctrl-C
  }, cliProgress.Presets.shades_classic);
  bar.start(total, 0, { left: "?" });
  return { update: (done) => bar.update(done, { left: left(done) }), stop: () => bar.stop() };
}

function createLines(
  title: string,
  total: number,
  { left, now, write }: {
    readonly left: (done: number) => string;
    readonly now: () => number;
    readonly write: (text: string) => void;
  },
): Progress {
  let next = now() + LINE_INTERVAL;
  return {
    update(done) {
      if (now() < next) return;
      next = now() + LINE_INTERVAL;
      write(`${title}: ${done}/${total}, ${left(done)} left\n`);
    },
    stop() {},
  };
}

/** Seconds as `9 s`, `2 min 5 s` or `3 h 20 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor(whole % 3600 / 60)} min`;
}

/** Runs `work` with a bar that starts when it first says how much there is to do. */
export async function withProgress<T>(title: string, work: (tell: OnProgress) => Promise<T>): Promise<T> {
  let progress: Progress | undefined;
  try {
    return await work((done, total) => {
      progress ??= createProgress(title, total);
      progress.update(done);
    });
  } finally {
    progress?.stop();
  }
}
