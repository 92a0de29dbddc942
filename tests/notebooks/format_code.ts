/**
 * A notebook's file with its code formatted. `deno fmt --check` refuses every notebook that is not in its cache (2.9.6), so
 * `deno.json` excludes them from it, and the tests compare with what comes out here.
 *
 * @throws {SyntaxError} If the code of a cell does not parse.
 */
export async function formatCode(text: string): Promise<string> {
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--config", config, "--ext", "ipynb", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new SyntaxError(`Cannot format notebook: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
