import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  compareRuns,
  createPlayer,
  createTensor,
  createTokenGrid,
  describeLogits,
  packAttention,
  type PlayerRun,
} from "nuwa-infinity";
import {
  PATCH_TOKENS,
  planOf,
  sampleAttention,
  sampleLogits,
  samplePicture,
  sampleTextAttention,
} from "./_fixtures.ts";

const COLUMNS = 3, ROWS = 2;

/** What a reader can do, for scripts in the page. */
const READER = `
const byId = (id) => document.getElementById(id), said = [], say = (id) => said.push(byId(id).textContent);
const stage = byId("stage"), sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const press = (key, target = document.body) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const click = (column, row) => {
  const box = stage.getBoundingClientRect();
  stage.dispatchEvent(new MouseEvent("click", {
    clientX: box.left + column * box.width / ${COLUMNS}, clientY: box.top + row * box.height / ${ROWS},
  }));
};
const until = async (isSo) => { for (let i = 0; i < 200 && !isSo(); i++) await sleep(20); };
onerror = (message) => document.body.dataset.error = message;
onunhandledrejection = ({ reason }) => document.body.dataset.error = reason;`;

/** Opens a page in a real browser, without a network, and gives what a script in it has said. */
async function read(page: string, script: string): Promise<string[]> {
  const path = await Deno.makeTempFile({ suffix: ".html" });
  try {
    const reader = `<script>${READER}
(async () => {
  await until(() => !stage?.hidden);
  ${script}
  document.body.dataset.said = JSON.stringify(said);
})();</script></body>`;
    await Deno.writeTextFile(path, page.replace("</body>", () => reader));
    const args = ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1280,900"];
    const { stdout } = await new Deno.Command("chromium", {
      args: [...args, "--virtual-time-budget=8000", "--dump-dom", `file://${path}`],
      stdout: "piped",
      stderr: "null",
    }).output();
    const dom = new TextDecoder().decode(stdout);
    assertEquals(dom.match(/data-error="([^"]*)"/)?.[1], undefined);
    const said = dom.match(/<body data-said="([^"]*)"/)?.[1];
    assert(said !== undefined, "the page has said nothing");
    return JSON.parse(said.replaceAll("&quot;", '"').replaceAll("&nbsp;", " "));
  } finally {
    await Deno.remove(path);
  }
}

const plan = planOf(ROWS, COLUMNS, "omega"), words = ["snow", "on", "pines"];
const run: PlayerRun = {
  plan,
  pictures: [samplePicture(128, 192)],
  patchTokens: PATCH_TOKENS,
  text: "snow on pines",
  attention: plan.steps.map((_, step) =>
    packAttention(sampleAttention(plan, step), sampleTextAttention(words))
  ),
  statistics: plan.steps.map((_, step) => describeLogits(sampleLogits(plan, step), 5)),
  tiles: createTensor([256, 4, 4, 3], new Uint8Array(256 * 48).fill(99)),
};

Deno.test("the player scrubs by slider, buttons, keys and chart, and plays", async () => {
  const said = await read(
    createPlayer(run),
    `
  say("now"); press("Home"); say("now"); press("ArrowRight"); press("ArrowRight"); say("now"); say("pooled");
  byId("time").value = 5; byId("time").dispatchEvent(new Event("input")); say("clock");
  byId("back").click(); say("clock"); byId("next").click(); byId("next").click(); say("clock"); say("step");
  const chart = byId("chart").getBoundingClientRect();
  byId("chart").dispatchEvent(new MouseEvent("click", { clientX: chart.left + chart.width / 2 })); say("clock");
  press(" "); await until(() => byId("clock").textContent === "6 / 6"); say("clock"); say("legend");
  for (const button of document.querySelectorAll("[data-view]")) { button.click(); say("legend"); }`,
  );
  assertEquals(said, [
    "Patch 6 of 6: row 2, column 3",
    "Nothing made yet, 6 patches to come",
    "Patch 2 of 6: row 2, column 1",
    "1 patch in the pool; never more than 5 of 6.",
    "5 / 6",
    "4 / 6",
    "6 / 6",
    "In wave 6, sees 5 patches, no later patch sees it.",
    "3 / 6",
    "6 / 6",
    "Click anywhere: what did the model look at when it drew this?",
    "Click anywhere: what did the model look at when it drew this?",
    "firstlast",
    "bright: in the context pool; dark: dropped",
    said.at(-1), // the scale of surprise
  ]);
  assertMatch(said.at(-1) ?? "", /^0 bits, as expected\d+ bits, a surprise$/);
});

Deno.test("the player answers a click on a token with attention, heads, words and candidates", async () => {
  const said = await read(
    createPlayer(run),
    `
  click(1.2, 0.2); await until(() => !byId("looked").hidden);
  say("name"); say("token"); say("shares"); say("words");
  said.push(document.querySelectorAll("#candidates li").length, document.querySelectorAll("#candidates .drawn").length);
  said.push(document.querySelectorAll("#heads canvas").length);
  const pixel = () => stage.toDataURL();
  const average = pixel();
  document.querySelector("[data-layer='1'][data-head='2']").click(); say("shares");
  said.push(pixel() !== average, document.querySelectorAll("#heads [aria-pressed=true]").length);
  press("ArrowDown", stage); say("name"); press("ArrowLeft", stage); press("ArrowLeft", stage); say("name");
  press("Escape"); say("name"); press("Home"); click(2.5, 1.5); say("name");
  press("End"); byId("pick").click(); say("name");`,
  );
  const [
    name,
    token,
    shares,
    wordList,
    numCandidates,
    numDrawn,
    numHeads,
    head,
    isOther,
    numPressed,
    ...moved
  ] = said;
  assertEquals(name, "Token 10 of 64, patch in row 1, column 2");
  assertMatch(token ?? "", /^Code \d+\. .* bits of surprise: a chance of .*%\. .* bits of entropy\)\.$/);
  const trace = sampleAttention(plan, 2), M = 64; // step 3: row 1, column 2
  assertEquals(trace.position, { frame: 0, row: 0, column: 1 });
  const share = (part: number, layer: number, head: number) => {
    let sum = 0;
    for (let key = 0; key < M; key++) {
      sum += trace.weights.data[((layer * 3 + head) * M + 9) * 3 * M + part * M + key] ?? 0;
    }
    return sum;
  };
  // On its own patch but for the begin token; the rounding to 16 steps costs a point or two.
  const begin = trace.weights.data[((1 * 3 + 2) * M + 9) * 3 * M + 2 * M] ?? 0;
  const own = 100 * (share(2, 1, 2) - begin);
  const shown = Number(head?.match(/^Layer 2, head 3: (\d+) % on its own patch, /)?.[1]);
  assert(Math.abs(shown - own) < 4, `${head}, ${own}`);
  assertMatch(shares ?? "", /^All layers and heads: \d+ % on its own patch, /);
  assertEquals(wordList, words.join(""));
  assert(Number(numCandidates) >= 5 && Number(numDrawn) === 1); // 6 where the drawn one is not among the best
  assertEquals([numHeads, isOther, numPressed], ["6", "true", "1"].map((text) => JSON.parse(text)));
  assertEquals(moved.slice(0, 4), [
    "Token 18 of 64, patch in row 1, column 2",
    "Token 24 of 64, patch in row 1, column 1",
    "Token",
    "Token", // that patch is not there yet
  ]);
  assertMatch(moved[4] ?? "", /^Token \d+ of 64, patch in row/);
});

Deno.test("the player shows a run of one patch, one whose attention is NaN, one of nothing but the order, and one of codes", async () => {
  const one = planOf(1, 1, "omega"), trace = sampleAttention(one, 0);
  trace.weights.data.fill(NaN, 0, 64);
  const said = await read(
    createPlayer({
      plan: one,
      pictures: [samplePicture(64, 64)],
      patchTokens: PATCH_TOKENS,
      attention: [trace],
      statistics: [{ ...describeLogits(sampleLogits(one, 0), 3), surprise: new Float64Array(64).fill(NaN) }],
    }),
    `click(0.1, 0.1); await until(() => !byId("looked").hidden); say("token"); say("shares");
     document.querySelector("[data-view=surprise]").click(); say("legend");`,
  );
  assertEquals(said.length, 3);
  assert(said[0]?.includes("Its surprise is not a number."), said[0]);
  assert(said[1]?.includes("NaN"), said[1]);
  const bare = { plan: one, pictures: [samplePicture(64, 64)], patchTokens: PATCH_TOKENS };
  const little = await read(
    createPlayer(bare),
    `click(0.1, 0.1); say("name"); say("token"); press("Home"); say("now");`,
  );
  assertEquals(little, [
    "Token 1 of 64, patch in row 1, column 1",
    "Its attention was not kept.",
    "Nothing made yet, 1 patch to come",
  ]);
  const tokens = createTokenGrid(8, 8, new Int32Array(64).fill(9));
  const codes = await read(
    createPlayer({ ...bare, tokens }),
    `say("token"); say("legend"); click(0.1, 0.1); say("token");`,
  );
  assertEquals(codes, [
    "Click a token of the picture to see its code. What the model looked at is kept of pictures that are drawn token by token (ar).",
    "Click anywhere: which code is this?",
    "Code 9. Its attention was not kept.",
  ]);
});

Deno.test("compareRuns() shows two runs that move together, and where their codes differ", async () => {
  const tokens = createTokenGrid(16, 24), others = createTokenGrid(16, 24);
  for (let x = 8; x < 16; x++) others.set(3, x, 1); // 8 codes of the patch in row 1, column 2
  const page = compareRuns([{ ...run, tokens }, { ...run, tokens: others, text: "snow on maples" }]);
  assert(page.includes("2.1 % of 384 codes differ"));
  assert(page.includes("<title>row 1, column 2: 8 of 64 codes differ</title>"));
  assert(page.includes("<title>row 1, column 1: 0 of 64 codes differ</title>"));
  assertEquals(page.match(/src="(?!data:)|<link/g), null);
  const said = await read(
    page,
    `
  const frames = [...document.querySelectorAll("iframe")];
  await until(() => frames.every(({ contentDocument: page }) => page.getElementById("stage")?.hidden === false));
  const [one, other] = frames.map(({ contentDocument }) => contentDocument);
  const text = (player, id) => player.getElementById(id).textContent;
  one.defaultView.dispatchEvent(new Event("pointerdown"));
  one.getElementById("back").click();
  await until(() => text(other, "clock") === "5 / 6"); said.push(text(other, "clock"));
  one.querySelector("[data-view=order]").click();
  const view = other.querySelector("[data-view=order]");
  await until(() => view.getAttribute("aria-pressed") === "true"); said.push(view.getAttribute("aria-pressed"));
  other.defaultView.dispatchEvent(new Event("pointerdown"));
  other.getElementById("pick").click();
  await until(() => text(one, "name") !== "Token" && text(one, "name") === text(other, "name"));
  said.push(text(one, "name") === text(other, "name"), text(one, "name") !== "Token", text(one, "clock"));`,
  );
  assertEquals(said.map(String), ["5 / 6", "true", "true", "true", "5 / 6"]);
  const small = {
    ...run,
    plan: planOf(1, 1, "omega"),
    tokens: createTokenGrid(8, 8),
    attention: [],
    statistics: [],
  };
  assert(compareRuns([{ ...run, tokens }, small]).includes("Their canvases are not of one size."));
});
