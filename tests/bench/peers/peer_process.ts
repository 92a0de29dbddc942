/** A program that measures another library in a process of its own, round by round. */
export interface PeerProcess {
  /** Has it measure once. Returns tokens a second. */
  measure(): Promise<number>;
  /** Ends it. */
  close(): Promise<void>;
}

/** What {@link openPeer} needs. */
export interface PeerOptions {
  /** Folder with `node_modules`, see `installPeers`. */
  readonly peers: string;
  /** The library's main file under `node_modules`. */
  readonly entry: string;
  /** The program, beside this file. */
  readonly program: string;
  /** What else the program is told. */
  readonly args: readonly string[];
}

/** Whether a library is installed. */
export async function isInstalled({ peers, entry }: Pick<PeerOptions, "peers" | "entry">): Promise<boolean> {
  try {
    return (await Deno.stat(`${peers}/node_modules/${entry}`)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Starts a program, which gets the library's URL and `args`, and waits until it is ready.
 *
 * It prints a line with a number when it is ready, and one with tokens a second for every line that it reads.
 */
export async function openPeer({ peers, entry, program, args }: PeerOptions): Promise<PeerProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      `--config=${peers}/deno.json`,
      "--no-lock",
      // A native library of others asks for what it likes; it gets no network.
      ...["--allow-read", "--allow-write", "--allow-env", "--allow-ffi", "--allow-sys", "--allow-run"],
      new URL(program, import.meta.url).pathname,
      new URL(`file://${peers}/node_modules/${entry}`).href,
      ...args,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const input = child.stdin.getWriter();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const readNumber = async (): Promise<number> => {
    for (let text = "";;) {
      const { value, done } = await output.read();
      if (done) throw new EvalError(`Cannot measure ${entry}: its process must answer, got none`);
      text += value;
      const line = text.split("\n").slice(0, -1).find((line) => /^rate [\d.e+-]+$/.test(line));
      if (line !== undefined) return Number(line.slice("rate ".length));
    }
  };
  await readNumber();
  return {
    measure: async () => {
      await input.write(new TextEncoder().encode("\n"));
      return await readNumber();
    },
    close: async () => {
      await input.close();
      for (let chunk = await output.read(); !chunk.done;) chunk = await output.read();
      await child.status;
    },
  };
}

/** The other side of {@link openPeer}: measures whenever it is asked to. */
export async function serveRounds(measure: () => Promise<number>): Promise<void> {
  const print = (rate: number) => Deno.stdout.write(new TextEncoder().encode(`rate ${rate}\n`));
  await print(0);
  for await (const chunk of Deno.stdin.readable) {
    if (chunk.includes(10)) await print(await measure());
  }
}
