/** A kernel, its server or the way there is gone for good; the same work may be done on another one. */
export class KernelLostError extends Error {
  /** The server on which the kernel ran. */
  readonly url: string;

  /** Says what happened, and where. */
  constructor(what: string, url: string, options?: ErrorOptions) {
    super(`Cannot go on with kernel at ${url}: ${what}`, options);
    this.name = "KernelLostError";
    this.url = url;
  }
}
