/** The entry of every task in deno.json: `deno run ... lib/cli/main.ts COMMAND OPTIONS`. */
import { runCommandLine } from "./run_command_line.ts";

if (import.meta.main) Deno.exit(await runCommandLine(Deno.args));
