/** What computes up to `batchSize` requests in one run. */
interface Batched {
  readonly batchSize: number;
}

/** A request that waits for its run. */
interface Waiting<Request, Result> {
  readonly request: Request;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Lets requests that are made at the same time share runs, whoever makes them: the caller asks for one result and need
 * not know of the others. A model computes one run at a time, the requests in the order in which they were made.
 *
 * @param run Computes up to `model.batchSize` requests; gives a result for each, in their order.
 * @param canShare Whether two requests can be in one run.
 * @returns A function that gives the result of one request; a run that fails rejects all its requests.
 */
export function shareRuns<Model extends Batched, Request, Result>(
  run: (model: Model, requests: readonly Request[]) => Promise<readonly Result[]>,
  canShare: (one: Request, other: Request) => boolean = () => true,
): (model: Model, request: Request) => Promise<Result> {
  const queues = new WeakMap<Model, Waiting<Request, Result>[]>(); // of the models that are at work
  const work = async (model: Model, queue: Waiting<Request, Result>[]) => {
    while (queue.length > 0) {
      await nextTurn(); // all who are about to ask have asked then
      const taken = takeAlike(queue, model.batchSize, canShare);
      try {
        const results = await run(model, taken.map(({ request }) => request));
        results.forEach((result, index) => taken[index]?.resolve(result));
      } catch (error) {
        for (const { reject } of taken) reject(error);
      }
    }
    queues.delete(model);
  };
  return (model, request) =>
    new Promise((resolve, reject) => {
      const entry = { request, resolve, reject };
      const queue = queues.get(model);
      if (queue !== undefined) return void queue.push(entry);
      const started = [entry];
      queues.set(model, started);
      void work(model, started);
    });
}

/** Takes the first request out of the queue, with those that can share its run. */
function takeAlike<Request, Result>(
  queue: Waiting<Request, Result>[],
  batchSize: number,
  canShare: (one: Request, other: Request) => boolean,
): Waiting<Request, Result>[] {
  const [first] = queue;
  const taken = queue.filter(({ request }) => first !== undefined && canShare(first.request, request))
    .slice(0, batchSize);
  for (const entry of taken) queue.splice(queue.indexOf(entry), 1);
  return taken;
}

/** Waits until everything that is ready to go on has gone on. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
