/** Code failed on a kernel; the kernel is well. */
export class RemoteError extends Error {
  /** The name of the error over there, e.g. `RangeError`. */
  readonly remoteName: string;
  /** Its stack over there, if there is one. */
  readonly remoteStack: string;

  /** Repeats the message from there. */
  constructor(url: string, { name, message, stack }: RemoteFailure) {
    super(`Cannot run code on kernel at ${url}: ${name}: ${message}`);
    this.name = "RemoteError";
    this.remoteName = name;
    this.remoteStack = stack;
  }
}

/** An error as it travels. */
export interface RemoteFailure {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}
