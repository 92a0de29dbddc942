/** How the lines begin that the client prints about connections and the answers of servers. */
const CLIENT_LINES = [
  "Starting WebSocket",
  "Kernel: ",
  "Connection lost, reconnecting",
  'The kernel "',
  "Traceback (most recent",
  "Error: Canceled future",
];

let isQuiet = false;

/**
 * Keeps the client of Jupyter servers from printing: in a notebook its lines would land under the user's cells. What they
 * tell comes as errors. Lines of others go on, unless they begin alike.
 */
export function quietClient(): void {
  if (isQuiet) return;
  isQuiet = true;
  for (const level of ["debug", "warn", "error"] as const) {
    // deno-lint-ignore no-console -- the client has no other way out
    const print = console[level];
    // deno-lint-ignore no-console -- as above
    console[level] = (...words: unknown[]) => {
      const [first] = words, line = typeof first === "string" || first instanceof Error ? String(first) : "";
      if (!CLIENT_LINES.some((beginning) => line.startsWith(beginning))) print(...words);
    };
  }
}
