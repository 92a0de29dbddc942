import { onInterrupt } from "./interrupts.ts";
import { KernelLostError } from "./kernel_lost_error.ts";
import { type RemoteKernel, type ServerAddress, startKernel } from "./remote_kernel.ts";

/** What became of a job. */
export type JobOutcome<Result> =
  | { readonly status: "done"; readonly value: Result; readonly url: string }
  | { readonly status: "failed"; readonly error: unknown };

/** How jobs are run. */
export interface RunJobsOptions {
  /** How many kernels a job may lose before it is given up: it may be the one that kills them. @default 3 */
  readonly maxAttempts?: number;
  /** Starts a kernel on a server. @default startKernel */
  readonly start?: (server: ServerAddress) => Promise<RemoteKernel>;
  /** Hears when a job begins, is moved or ends. */
  readonly onEvent?: (event: JobEvent) => void;
  /** Stops it like the Stop button. */
  readonly signal?: AbortSignal;
}

/** What happens to a job. */
export interface JobEvent {
  /** Its place in the list. */
  readonly job: number;
  /** `moved`: its kernel was lost, and it waits for another one. */
  readonly what: "started" | "moved" | "done" | "failed";
  /** The server. */
  readonly url: string;
}

/**
 * Runs a list of jobs (an ablation, say) on kernels of several servers, one kernel a server and one job at a time each.
 * A job whose kernel or server dies goes to another kernel; results come in the order of the jobs, failures among them.
 * The Stop button ends it: jobs that are not done have failed then, and no kernel is left.
 *
 * @param servers Name one twice for two kernels on it.
 * @param work Does one job on a kernel, e.g. `(kernel, job) => kernel.call(...)`.
 *
 * @example Usage
 * ```ts ignore
 * const servers = [{ url: "http://127.0.0.1:8888", token }, { url: "http://127.0.0.1:8889", token: other }];
 * const outcomes = await nuwa.runJobs(servers, [1, 2, 3], (kernel, seed) => kernel.call(ablate, { arguments: [seed] }));
 * for (const outcome of outcomes) console.log(outcome.status === "done" ? outcome.result : outcome.error);
 * ```
 */
export async function runJobs<Job, Result>(
  servers: readonly ServerAddress[],
  jobs: readonly Job[],
  work: (kernel: RemoteKernel, job: Job, index: number) => Promise<Result>,
  options: RunJobsOptions = {},
): Promise<JobOutcome<Result>[]> {
  const { maxAttempts = 3, start = startKernel, onEvent = () => {} } = options;
  using stop = onInterrupt();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const queue = createQueue(jobs);
  signal.addEventListener("abort", queue.stop);
  if (signal.aborted) queue.stop(); // of what is aborted already nobody is told
  const outcomes = new Map<number, JobOutcome<Result>>(), losses: unknown[] = [];
  const settle = (index: number, outcome: JobOutcome<Result>, url: string) => {
    outcomes.set(index, outcome);
    queue.close();
    onEvent({ job: index, what: outcome.status, url });
  };
  /** Does one job. @returns Whether the kernel can do another. */
  const doJob = async (kernel: RemoteKernel, next: OpenJob<Job>): Promise<boolean> => {
    const { job, index } = next, { url } = kernel;
    onEvent({ job: index, what: "started", url });
    try {
      const value = await orAborted(work(kernel, job, index), signal);
      settle(index, { status: "done", value, url }, url);
    } catch (error) {
      if (error instanceof KernelLostError && ++next.numLost < maxAttempts) {
        queue.putBack(next);
        onEvent({ job: index, what: "moved", url });
      } else settle(index, { status: "failed", error }, url);
      return !(error instanceof KernelLostError);
    }
    return true;
  };
  await Promise.all(servers.map((server) => serve(queue, () => start(server), doJob, losses)));
  const reason = signal.aborted ? signal.reason : createNoServerError(servers, losses.at(-1));
  return jobs.map((_, index) => outcomes.get(index) ?? { status: "failed", error: reason });
}

/** A job that is not done. */
interface OpenJob<Job> {
  readonly job: Job;
  readonly index: number;
  /** Kernels that were lost over it. */
  numLost: number;
}

type Queue<Job> = ReturnType<typeof createQueue<Job>>;

/** Jobs that wait for a kernel. */
function createQueue<Job>(jobs: readonly Job[]) {
  const waiting = jobs.map((job, index): OpenJob<Job> => ({ job, index, numLost: 0 }));
  let numOpen = jobs.length, changed = Promise.withResolvers<void>();
  const wakeAll = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  return {
    /** The next job; nothing once all are done. Waits while others are at work, for a job may come back. */
    async take(): Promise<OpenJob<Job> | undefined> {
      while (numOpen > 0) {
        const next = waiting.shift();
        if (next !== undefined) return next;
        await changed.promise;
      }
      return undefined;
    },
    putBack(job: OpenJob<Job>): void {
      waiting.unshift(job);
      wakeAll();
    },
    close(): void {
      numOpen--;
      wakeAll();
    },
    stop(): void {
      numOpen = 0;
      wakeAll();
    },
  };
}

/** Takes jobs from the queue and does them on a kernel of one server, until none is left or the server is of no use. */
async function serve<Job>(
  queue: Queue<Job>,
  start: () => Promise<RemoteKernel>,
  doJob: (kernel: RemoteKernel, job: OpenJob<Job>) => Promise<boolean>,
  losses: unknown[],
): Promise<void> {
  let kernel: RemoteKernel | undefined;
  try {
    for (let job = await queue.take(); job !== undefined; job = await queue.take()) {
      try {
        kernel ??= await start();
      } catch (error) {
        losses.push(error);
        return queue.putBack(job);
      }
      if (!await doJob(kernel, job)) kernel = await leave(kernel);
    }
  } finally {
    await leave(kernel);
  }
}

/** What comes first: the end of the work, or that of all work. */
async function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    if (signal.aborted) abort();
    return await Promise.race([work, aborted]);
  } finally {
    work.catch(() => {}); // nobody waits for it any more
    signal.removeEventListener("abort", abort);
  }
}

function createNoServerError(servers: readonly ServerAddress[], cause: unknown): KernelLostError {
  const urls = servers.map(({ url }) => url).join(", ");
  return new KernelLostError("servers must be left, got none", urls, { cause });
}

async function leave(kernel: RemoteKernel | undefined): Promise<undefined> {
  await kernel?.shutdown().catch(() => {}); // it may be gone
}
