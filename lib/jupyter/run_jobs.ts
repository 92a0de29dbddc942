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
 *
 * @param servers Name one twice for two kernels on it.
 * @param work Does one job on a kernel, e.g. `(kernel, job) => kernel.call(...)`.
 */
export async function runJobs<Job, Result>(
  servers: readonly ServerAddress[],
  jobs: readonly Job[],
  work: (kernel: RemoteKernel, job: Job, index: number) => Promise<Result>,
  options: RunJobsOptions = {},
): Promise<JobOutcome<Result>[]> {
  const { maxAttempts = 3, start = startKernel, onEvent } = options;
  const outcomes: (JobOutcome<Result> | undefined)[] = jobs.map(() => undefined);
  const waiting = jobs.map((job, index) => ({ job, index, numLost: 0 }));
  let numOpen = jobs.length, changed = Promise.withResolvers<void>(), lastLoss: unknown;
  const wakeAll = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const settle = (index: number, outcome: JobOutcome<Result>, url: string) => {
    outcomes[index] = outcome;
    numOpen--;
    onEvent?.({ job: index, what: outcome.status, url });
    wakeAll();
  };
  const serve = async (server: ServerAddress) => {
    let kernel: RemoteKernel | undefined;
    try {
      while (numOpen > 0) {
        if (waiting.length === 0) {
          await changed.promise; // a job may come back
          continue;
        }
        try {
          kernel ??= await start(server);
        } catch (error) {
          lastLoss = error;
          return; // this server is of no use
        }
        const next = waiting.shift();
        if (next === undefined) continue; // another one was faster
        const { job, index } = next, { url } = kernel;
        onEvent?.({ job: index, what: "started", url });
        try {
          settle(index, { status: "done", value: await work(kernel, job, index), url }, url);
        } catch (error) {
          const isLost = error instanceof KernelLostError;
          if (isLost) kernel = await leave(kernel);
          if (!isLost || ++next.numLost >= maxAttempts) settle(index, { status: "failed", error }, url);
          else {
            waiting.unshift(next);
            onEvent?.({ job: index, what: "moved", url });
            wakeAll();
          }
        }
      }
    } finally {
      await leave(kernel);
    }
  };
  await Promise.all(servers.map(serve));
  const noServer = new KernelLostError(
    "servers must be left, got none",
    servers.map(({ url }) => url).join(", "),
    {
      cause: lastLoss,
    },
  );
  return outcomes.map((outcome) => outcome ?? { status: "failed", error: noServer });
}

async function leave(kernel: RemoteKernel | undefined): Promise<undefined> {
  await kernel?.shutdown().catch(() => {}); // it may be gone
}
