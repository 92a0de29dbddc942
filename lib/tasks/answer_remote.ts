import { REMOTE_CALLS, type RemoteCalls } from "./_remote_calls.ts";

/** The version of what two machines say to each other; raised when a request or an answer changes. */
export const REMOTE_VERSION = 1;

/**
 * Answers a request of another machine's {@link remote}: runs there are held here. Nobody else needs it.
 *
 * @param signal Ends a request that takes long after the patches in work.
 * @throws {RangeError} If there is no such request.
 */
export async function answerRemote(name: string, request: unknown, signal: AbortSignal): Promise<unknown> {
  if (!Object.hasOwn(REMOTE_CALLS, name)) {
    throw new RangeError(
      `Cannot answer: request must be one of ${Object.keys(REMOTE_CALLS).join(", ")}, got ${name}`,
    );
  }
  // Both machines have the same version of the toolkit, and so the caller's types hold here.
  const call = REMOTE_CALLS[name as keyof RemoteCalls] as (
    request: unknown,
    signal: AbortSignal,
  ) => Promise<unknown>;
  return await call(request, signal);
}
