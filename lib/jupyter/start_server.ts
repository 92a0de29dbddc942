import { writeFileAside } from "../media/mod.ts";
import { answers, findJupyter, type JupyterProgram } from "./_find_jupyter.ts";

/** A Jupyter server that runs on this machine and listens to this machine alone. */
export interface LocalServer extends AsyncDisposable {
  /** JupyterLab, Jupyter Notebook, or Jupyter Server without pages to look at. */
  readonly program: string;
  /** `http://127.0.0.1:PORT/`. */
  readonly url: string;
  /** What clients must know. */
  readonly token: string;
  /** What to open in a browser, token included; the same as `url` where there is nothing to look at. */
  readonly page: string;
  /** Resolved when the server has ended, by itself or not. */
  readonly ended: Promise<void>;
  /** Ends it and its kernels. */
  close(): Promise<void>;
}

/** How a server is started. */
export interface StartServerOptions {
  /** The folder that it shows; must exist. @default the present one */
  readonly folder?: string;
  /** Where the kernel's description is written. @default a temporary folder, removed in the end */
  readonly dataFolder?: string;
  /** Tried first; another one where it is taken. @default any */
  readonly port?: number;
  /** Seconds until it must answer. @default 120, for machines that are busy */
  readonly patience?: number;
}

/** Seconds that a server has to end, and each request for a kernel's end. */
const LAST_WARNING = 10;

/** What to do where there is no Jupyter. */
export const INSTALL_HINT = "pip install jupyterlab (or, on Debian: apt-get install jupyter-notebook)";

/**
 * Starts the best Jupyter that is installed (JupyterLab, Notebook, or a bare server) with the Deno kernel of this
 * program registered for it alone: nothing is written to the user's folders. It listens on loopback, behind a token.
 *
 * @throws {Deno.errors.NotFound} If no Jupyter is installed; the message says what to do.
 * @throws {Deno.errors.TimedOut} If it does not come up; the message says what it said.
 *
 * @example Usage
 * ```ts ignore
 * await using server = await nuwa.startServer({ folder: "notebooks" });
 * await using kernel = await nuwa.startKernel(server);
 * ```
 */
export async function startServer(options: StartServerOptions = {}): Promise<LocalServer> {
  const program = await findJupyter();
  if (program === undefined) {
    throw new Deno.errors.NotFound(
      `Cannot start Jupyter: one must be installed, got none. Install it: ${INSTALL_HINT}`,
    );
  }
  const dataFolder = options.dataFolder ?? await Deno.makeTempDir({ prefix: "nuwa-jupyter-" });
  const token = randomToken(), port = choosePort(options.port), url = `http://127.0.0.1:${port}/`;
  const child = await launch(program, { token, port, dataFolder, folder: options.folder ?? "." });
  const log = keepTail(child.stderr, token), ending = new AbortController();
  const ended = child.status.then(async () => {
    ending.abort();
    if (options.dataFolder === undefined) await Deno.remove(dataFolder, { recursive: true }).catch(() => {});
  });
  const isUp = () => !ending.signal.aborted;
  const close = async () => {
    if (isUp()) await endKernels(url, token);
    if (isUp()) child.kill("SIGTERM");
    const timer = setTimeout(() => isUp() && child.kill("SIGKILL"), 1000 * LAST_WARNING);
    await ended;
    clearTimeout(timer);
    await log.stop();
  };
  const patience = AbortSignal.timeout(1000 * (options.patience ?? 120));
  if (!await comesUp(url, token, AbortSignal.any([ending.signal, patience]))) {
    await close();
    throw new Deno.errors.TimedOut(
      `Cannot start ${program.name}: it must answer at ${url}, got: ${log.tail()}`,
    );
  }
  const page = program.page === "" ? url : `${url}${program.page}?token=${token}`;
  return { program: program.name, url, token, page, ended, close, [Symbol.asyncDispose]: close };
}

/** Where it is installed, Linux ends a server or kernel whose parent was killed; elsewhere it would live on, unseen. */
const DIE_WITH_PARENT = ["setpriv", "--pdeathsig", "KILL"] as const;

/** Describes the Deno that runs this program as a kernel, under the name that notebooks ask for. */
async function writeKernelSpec(dataFolder: string, prefix: readonly string[]): Promise<void> {
  await Deno.mkdir(`${dataFolder}/kernels/deno`, { recursive: true });
  const spec = {
    argv: [...prefix, Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"],
    "display_name": "Deno (nuwa-infinity)",
    language: "typescript", // and no interrupt_mode: by message, a Stop during an await hangs the kernel for ever
  };
  await writeFileAside(`${dataFolder}/kernels/deno/kernel.json`, JSON.stringify(spec, null, 2));
}

/** Starts the program, with the Deno kernel in its data folder. */
async function launch({ command }: JupyterProgram, { token, port, dataFolder, folder }: {
  readonly token: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly folder: string;
}): Promise<Deno.ChildProcess> {
  const prefix = await answers(DIE_WITH_PARENT) ? DIE_WITH_PARENT : [];
  await writeKernelSpec(dataFolder, prefix);
  const [program = "", ...args] = [...prefix, ...command];
  const others = Deno.env.get("JUPYTER_PATH");
  const env = { JUPYTER_TOKEN: token, JUPYTER_PATH: others ? `${dataFolder}:${others}` : dataFolder }; // not in `ps`
  const root = Deno.uid() === 0 ? ["--allow-root"] : [];
  const flags = ["--ip=127.0.0.1", `--port=${port}`, "--no-browser", ...root];
  const child = new Deno.Command(program, {
    args: [...args, ...flags],
    cwd: folder,
    env,
    stdout: "null",
    stderr: "piped",
  });
  return child.spawn();
}

/** Keeps the last words of a log, without the token. */
function keepTail(stream: ReadableStream<Uint8Array>, token: string) {
  const reader = stream.getReader(), decoder = new TextDecoder();
  let text = "";
  const read = async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text = (text + decoder.decode(part.value, { stream: true })).slice(-2000);
    }
  };
  const done = read();
  return {
    tail: () => text.replaceAll(token, "...").trim().split("\n").slice(-3).join(" ") || "nothing",
    async stop() {
      await reader.cancel(); // a kernel that outlives the server would keep it open
      await done;
    },
  };
}

/** A server that ends by itself may wait for a kernel for ever. */
async function endKernels(url: string, token: string): Promise<void> {
  const request = (path: string, method: string) =>
    fetch(`${url}api/kernels${path}`, {
      method,
      headers: { authorization: `token ${token}` },
      signal: AbortSignal.timeout(1000 * LAST_WARNING),
    });
  try {
    const kernels: readonly { readonly id: string }[] = await (await request("", "GET")).json();
    await Promise.all(
      kernels.map(async ({ id }) => await (await request(`/${id}`, "DELETE")).body?.cancel()),
    );
  } catch {
    return; // it is not well; a kill follows
  }
}

/** Waits until the server answers. @returns Whether it did before the signal. */
async function comesUp(url: string, token: string, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if (await isReady(url, token)) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

async function isReady(url: string, token: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}api/status`, { headers: { authorization: `token ${token}` } });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // not yet
  }
}

function randomToken(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/** The port if it is free, or else any free one. */
function choosePort(wanted = 0): number {
  try {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: wanted });
    return listener.addr.port;
  } catch {
    return choosePort();
  }
}
