import type { Kernel, ServerConnection } from "@jupyterlab/services";
import type { MimeBundle } from "../figures/mod.ts";
import { callThere } from "./_call_there.ts";
import { watchHealth } from "./_kernel_health.ts";
import { createServerSettings, type ServerAddress, type Services } from "./_server_settings.ts";
import { KernelLostError } from "./kernel_lost_error.ts";

export type { ServerAddress } from "./_server_settings.ts";

/** What comes back while code runs. */
export interface RemoteOptions {
  /** Hears of every output: drawings and texts, as a notebook would show them. */
  readonly onOutput?: (bundle: MimeBundle) => void;
  /** Hears what the code says by `tell(message)`; some may be lost with the connection. */
  readonly onMessage?: (message: unknown) => void;
  /** Interrupts the kernel when it is aborted. */
  readonly signal?: AbortSignal;
}

/** A Deno kernel on some Jupyter server. */
export interface RemoteKernel extends AsyncDisposable {
  /** The kernel's id on its server. */
  readonly id: string;
  /** The server. */
  readonly url: string;
  /** Whether it can still be used. */
  readonly isAlive: boolean;
  /**
   * Runs the body of an async function there and brings home what it returns, as JSON. It outlives a dropped connection:
   * the outcome is kept there and fetched when the connection is back.
   *
   * @param body It may use `tell(message)`, `await import(...)` and `return`.
   * @throws {RemoteError} If the code fails.
   * @throws {KernelLostError} If the kernel dies, or the connection does not come back.
   */
  call(body: string, options?: RemoteOptions): Promise<unknown>;
  /** What the Stop button does: SIGINT. Code under `onInterrupt` stops; other code dies with its kernel. */
  interrupt(): Promise<void>;
  /** Opens a new connection to the same kernel. */
  reconnect(): Promise<void>;
  /** Ends the kernel. */
  shutdown(): Promise<void>;
}

/** How a kernel is started. */
export interface StartKernelOptions {
  /** @default "deno" */
  readonly name?: string;
  /**
   * The folder to work in, as the server counts: from the one that it shows. What a kernel can import is said by the
   * deno.json of its folder. Gateways take `env: { KERNEL_WORKING_DIR }` instead. @default the one that it shows
   */
  readonly folder?: string;
  /** Environment variables; gateways pass on those that begin with `KERNEL_`. @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds after which a lost connection or a silent server is given up. @default 60 */
  readonly patience?: number;
}

/**
 * Starts a Deno kernel on a Jupyter server or gateway.
 *
 * @throws {RangeError} If the address makes no sense.
 * @throws {KernelLostError} If the server does not answer, does not know the token, or has no such kernel.
 *
 * @example Usage
 * ```ts ignore
 * await using kernel = await nuwa.startKernel({ url: "http://127.0.0.1:8889", token });
 * const square = await kernel.call((x: number) => x * x, { arguments: [12] });
 * ```
 */
export async function startKernel(
  address: ServerAddress,
  options: StartKernelOptions = {},
): Promise<RemoteKernel> {
  const { name = "deno", folder, env = {}, patience = 60 } = options;
  const services = await import("@jupyterlab/services");
  const serverSettings = createServerSettings(services, address);
  const url = serverSettings.baseUrl;
  try {
    const wish = { name, env, ...(folder === undefined ? {} : { path: folder }) }; // `env` is what gateways understand
    const model = await withPatience(services.KernelAPI.startNew(wish, serverSettings), patience, url);
    return openKernel(services, model, { serverSettings, patience });
  } catch (error) {
    throw await explain(error, url, () => describeNeed(services, serverSettings, name));
  }
}

/**
 * Connects to a kernel that runs already.
 *
 * @throws {KernelLostError} If there is none.
 *
 * @example Usage
 * ```ts ignore
 * const { id } = await nuwa.startKernel(address);
 * const again = await nuwa.connectKernel(address, id); // from another notebook, say
 * ```
 */
export async function connectKernel(
  address: ServerAddress,
  id: string,
  { patience = 60 }: Pick<StartKernelOptions, "patience"> = {},
): Promise<RemoteKernel> {
  const services = await import("@jupyterlab/services");
  const serverSettings = createServerSettings(services, address);
  try {
    const found = await withPatience(
      services.KernelAPI.getKernelModel(id, serverSettings),
      patience,
      serverSettings.baseUrl,
    );
    const model = found as Kernel.IModel | undefined; // typed as {} | null; the client has checked it
    if (model === undefined) {
      throw new KernelLostError("kernel must be running, got none", serverSettings.baseUrl);
    }
    return openKernel(services, model, { serverSettings, patience });
  } catch (error) {
    throw await explain(error, serverSettings.baseUrl, () => `server must know the kernel ${id}`);
  }
}

function openKernel(
  { KernelAPI, KernelConnection }: Services,
  model: Kernel.IModel,
  { serverSettings, patience }: {
    readonly serverSettings: ServerConnection.ISettings;
    readonly patience: number;
  },
): RemoteKernel {
  const connection = new KernelConnection({ model, serverSettings });
  const reconnect = connection.reconnect.bind(connection);
  // The client calls it too, when a kernel is restarted, and leaves a failure to nobody.
  connection.reconnect = () => reconnect().catch(() => {});
  const url = serverSettings.baseUrl;
  const health = watchHealth(connection, url, patience);
  const close = () => {
    health.stop();
    connection.dispose();
  };
  const shutdown = async () => {
    health.stop();
    const end = KernelAPI.shutdownKernel(model.id, serverSettings); // also where it was lost: it may have been restarted
    await withPatience(end, Math.min(patience, 5), url).catch(() => {}); // it may be gone
    close();
  };
  return {
    id: model.id,
    url,
    get isAlive() {
      return health.lost === undefined && !connection.isDisposed;
    },
    call: (body, options = {}) => callThere(connection, health, body, options),
    interrupt: () => KernelAPI.interruptKernel(model.id, serverSettings),
    reconnect,
    shutdown,
    [Symbol.asyncDispose]: shutdown,
  };
}

/** What a server answers, or a clear word that it does not. */
async function withPatience<T>(answer: Promise<T>, patience: number, url: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new KernelLostError(`server must answer within ${patience} s, got nothing`, url);
    timer = setTimeout(() => reject(error), patience * 1000);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A clear word about a server that did not do it; `ask` finds out what was needed. */
async function explain(error: unknown, url: string, ask: () => Promise<string> | string): Promise<unknown> {
  if (error instanceof KernelLostError || error instanceof RangeError) return error;
  const { status } = (error as { readonly response?: Response }).response ?? {}; // ServerConnection.ResponseError
  const what = status === undefined
    ? "server must answer, got no connection"
    : status === 401 || status === 403
    ? "token must be the server's, got another"
    : `${await ask()}, got status ${status}`;
  return new KernelLostError(what, url, { cause: error });
}

/** What is needed for a kernel of this name to start. */
async function describeNeed(
  { KernelSpecAPI }: Services,
  settings: ServerConnection.ISettings,
  name: string,
): Promise<string> {
  const specs = await KernelSpecAPI.getSpecs(settings).catch(() => undefined); // a gateway may keep them to itself
  const names = Object.keys(specs?.kernelspecs ?? {});
  if (names.length === 0 || names.includes(name)) return `server must start the kernel ${name}`;
  const hint = name === "deno" ? " (deno jupyter --install)" : "";
  return `server must have the kernel ${name}${hint} besides ${names.join(", ")}`;
}
