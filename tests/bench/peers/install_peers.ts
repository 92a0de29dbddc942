/** What `--install-peers` installs: never a dependency of the project. */
const PACKAGES = ["@huggingface/transformers@4.3.1", "node-llama-cpp@3.22.1"];

/** How a reader can install them. */
export function describeInstallation(peers: string): string {
  return `To install the others: deno task bench --peer --install-peers (npm, into ${peers})`;
}

/**
 * Installs other libraries with npm, into a folder of their own, and without running their install scripts: both bring
 * what they need as packages.
 *
 * @throws {EvalError} If npm is missing or fails.
 */
export async function installPeers(peers: string): Promise<void> {
  await Deno.mkdir(peers, { recursive: true });
  await Deno.writeTextFile(`${peers}/package.json`, '{ "private": true }\n');
  await Deno.writeTextFile(`${peers}/deno.json`, '{ "nodeModulesDir": "manual" }\n');
  const args = ["install", "--prefix", peers, "--ignore-scripts", "--no-audit", "--no-fund", ...PACKAGES];
  const { success } = await new Deno.Command("npm", { args, stdout: "inherit", stderr: "inherit" }).output();
  if (!success) throw new EvalError(`Cannot install peers: npm ${args.join(" ")} must succeed`);
}
