// @ts-types="npm:@types/cli-progress@3.11.6"
import cliProgress from "cli-progress";
import { printError } from "./print.ts";
import type { OnProgress, ProgressDetails } from "./runners.ts";

/** Shows how far work has come. */
export interface Progress {
  /** Says how many steps are done. */
  update(done: number, details?: ProgressDetails): void;
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
  const describe = (done: number, { note, secondsLeft }: ProgressDetails) => {
    const seconds = secondsLeft ?? (done > 0 ? (now() - started) / done * (total - done) / 1000 : undefined);
    const left = `${seconds === undefined ? "?" : formatDuration(seconds)} left`;
    return note === undefined ? left : `${left}, ${note}`;
  };
  return isTerminal ? createBar(title, total, describe) : createLines(title, total, { describe, now, write });
}

/** Words what a display says beside the count. */
type Describe = (done: number, details: ProgressDetails) => string;

/** Width of the bar itself, in characters. */
const BAR_WIDTH = 24;

/** Leaves cursor and line wrap as they are, so that a kill at any moment leaves the terminal in order. */
function createBar(title: string, total: number, describe: Describe): Progress {
  const bar = new cliProgress.SingleBar({
    format: `${title} {bar} {percentage}% | {value}/{total} | {status}`,
    barsize: BAR_WIDTH,
    linewrap: true,
  }, cliProgress.Presets.shades_classic);
  const room = Deno.consoleSize().columns - (`${title}  100% | ${total}/${total} | `.length + BAR_WIDTH + 1);
  bar.start(total, 0, { status: "" });
  return {
    update: (done, details = {}) =>
      bar.update(done, { status: describe(done, details).slice(0, Math.max(room, 0)) }),
    stop: () => bar.stop(),
  };
}

function createLines(
  title: string,
  total: number,
  { describe, now, write }: {
    readonly describe: Describe;
    readonly now: () => number;
    readonly write: (text: string) => void;
  },
): Progress {
  let next = now() + LINE_INTERVAL;
  return {
    update(done, details = {}) {
      if (now() < next) return;
      next = now() + LINE_INTERVAL;
      write(`${title}: ${done}/${total}, ${describe(done, details)}\n`);
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
    return await work((done, total, details) => {
      progress ??= createProgress(title, total);
      progress.update(done, details);
    });
  } finally {
    progress?.stop();
  }
}
