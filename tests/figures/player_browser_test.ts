import { assertEquals } from "@std/assert";
import { createPlayer, describeLogits } from "nuwa-infinity";
import { PATCH_TOKENS, planOf, sampleAttention, sampleLogits, samplePicture } from "./_fixtures.ts";

/** Clicks and scrubs as a reader does, and writes down what the page says. */
const READER = `<script>setTimeout(() => {
  const said = [], say = (id) => said.push(document.getElementById(id).textContent);
  const press = (key) => dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
  say("now"); press("Home"); say("now"); press("ArrowRight"); press("ArrowRight"); say("now"); say("pooled");
  const slider = document.getElementById("time");
  slider.value = 6; slider.dispatchEvent(new Event("input")); say("now");
  const box = stage.getBoundingClientRect();
  const click = (column, row) => stage.dispatchEvent(new MouseEvent("click", {
    clientX: box.left + column * box.width / 3, clientY: box.top + row * box.height / 2,
  }));
  click(1.2, 0.2); say("token"); said.push(document.querySelectorAll("#candidates li").length);
  for (const button of document.querySelectorAll("[data-view]")) button.click();
  press("Escape"); say("token"); press("Home"); click(2.5, 1.5); say("token");
  document.body.dataset.said = JSON.stringify(said);
}, 200); onerror = (message) => document.body.dataset.error = message;</script></body>`;

Deno.test("the player scrubs, and answers clicks on tokens, in a real browser", async () => {
  const plan = planOf(2, 3, "omega");
  const page = createPlayer({
    plan,
    pictures: [samplePicture(128, 192)],
    patchTokens: PATCH_TOKENS,
    attention: plan.steps.map((_, step) => sampleAttention(plan, step)),
    statistics: plan.steps.map((_, step) => describeLogits(sampleLogits(plan, step), 5)),
  });
  const path = await Deno.makeTempFile({ suffix: ".html" });
  try {
    await Deno.writeTextFile(path, page.replace("</body>", READER));
    const args = [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--virtual-time-budget=3000",
      "--dump-dom",
      `file://${path}`,
    ];
    const { stdout } = await new Deno.Command("chromium", { args, stdout: "piped", stderr: "null" }).output();
    const dom = new TextDecoder().decode(stdout);
    assertEquals(dom.match(/data-error="([^"]*)"/)?.[1], undefined);
    const said: unknown[] = JSON.parse(
      (dom.match(/data-said="([^"]*)"/)?.[1] ?? "[]").replaceAll("&quot;", '"'),
    );
    const [token] = said.splice(5, 1);
    assertEquals(said, [
      "patch 6 of 6: row 2, column 3",
      "nothing made yet, 6 patches to come",
      "patch 2 of 6: row 2, column 1",
      "1 patch in the pool, at most 5",
      "patch 6 of 6: row 2, column 3",
      said[5], // 5 candidates, or 6 where the drawn one is not among them
      "Click a token of the picture.",
      "Click a token of the picture.",
    ]);
    assertEquals(
      /^row 1, column 2; token row 2, column 2; code \d+; .* bits of surprise/.test(String(token)),
      true,
      String(token),
    );
    assertEquals(Number(said[5]) >= 5, true);
  } finally {
    await Deno.remove(path);
  }
});
