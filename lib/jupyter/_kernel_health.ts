import type { Kernel } from "@jupyterlab/services";
import { KernelLostError } from "./kernel_lost_error.ts";

/** Whether a kernel can still be reached. */
export interface Health {
  /** Why not; absent while it can. */
  readonly lost: KernelLostError | undefined;
  readonly url: string;
  /** Tells of the loss, or of a connection that is back. */
  listen(listener: (lost: KernelLostError | undefined) => void): () => void;
  stop(): void;
}

/** Milliseconds until a connection that was closed is opened again. */
const RETRY = 200;

/** Watches a connection: a kernel is lost when it dies, or is out of reach for longer than `patience` seconds. */
export function watchHealth(connection: Kernel.IKernelConnection, url: string, patience: number): Health {
  const listeners = new Set<(lost: KernelLostError | undefined) => void>();
  let lost: KernelLostError | undefined, timer: ReturnType<typeof setTimeout> | undefined;
  let wasConnected = false, isStopped = false;
  const lose = (what: string) => {
    if (isStopped) return;
    lost ??= new KernelLostError(what, url);
    stop();
    for (const listener of listeners) listener(lost);
  };
  const stop = () => {
    isStopped = true;
    clearTimeout(timer);
  };
  const waitForConnection = () => {
    timer ??= setTimeout(
      () => lose(`connection must come back within ${patience} s, got none`),
      patience * 1000,
    );
  };
  connection.statusChanged.connect((_, status) => {
    if (["dead", "autorestarting", "restarting", "terminating"].includes(status)) {
      lose("kernel must live, got its death");
    }
  });
  connection.connectionStatusChanged.connect((_, status) => {
    if (isStopped) return;
    if (status !== "connected") {
      waitForConnection();
      // A server that says good-bye may be back soon; the client would not try again.
      if (status === "disconnected") setTimeout(() => isStopped || connection.reconnect(), RETRY);
      return;
    }
    clearTimeout(timer);
    timer = undefined;
    if (wasConnected) { for (const listener of listeners) listener(undefined); }
    wasConnected = true;
  });
  waitForConnection();
  return {
    get lost() {
      return lost;
    },
    url,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop,
  };
}
