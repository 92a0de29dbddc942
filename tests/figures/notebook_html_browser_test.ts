import { assertEquals } from "@std/assert";
import { displayFigure, plotWaves, swipePictures } from "nuwa-infinity";
import { planOf, samplePicture } from "./_fixtures.ts";

/** Wipes as a reader does, and writes down what the page has become. */
const READER = `<script>
  const slider = document.querySelector("input[type=range]");
  slider.value = 20;
  slider.dispatchEvent(new Event("input"));
  document.body.dataset.said = JSON.stringify([
    document.querySelectorAll("#outputs svg").length,
    document.querySelectorAll("#outputs img").length,
    document.querySelector("#outputs svg title").textContent,
    slider.parentNode.children[1].style.clipPath,
  ]);
</script></body>`;

Deno.test("outputs of a notebook come alive in a real browser: drawings with hover, a wipe", async () => {
  const html = String((await displayFigure(plotWaves(planOf(2, 3, "omega"))))["text/html"]);
  const swipe = swipePictures(samplePicture(16, 16), samplePicture(16, 16));
  const page = `<body><div id="outputs">${html}${html}</div>${swipe}${READER}`;
  const path = await Deno.makeTempFile({ suffix: ".html" });
  try {
    await Deno.writeTextFile(path, page);
    const { stdout } = await new Deno.Command("chromium", {
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", `file://${path}`],
      stdout: "piped",
      stderr: "null",
    }).output();
    const said = new TextDecoder().decode(stdout).match(/data-said="([^"]*)"/)?.[1] ?? "[]";
    const [numDrawings, numPictures, hover, clip] = JSON.parse(said.replaceAll("&quot;", '"'));
    // The same figure twice: both are drawn, each in the place of its picture.
    assertEquals([numDrawings, numPictures, clip], [2, 0, "inset(0px 80% 0px 0px)"]);
    assertEquals(/wave 1/.test(hover), true, hover);
  } finally {
    await Deno.remove(path);
  }
});
