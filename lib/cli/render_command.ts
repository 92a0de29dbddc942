import { Command, Option } from "commander";
import { createPicture, type Picture } from "../core/mod.ts";
import type { Hour, Season, World } from "../data/mod.ts";
import { assertPictureWritable, assertWritable, writeFileAside, writePicture } from "../media/mod.ts";
import { parseNumber, parseSeed, parseSize, type Size } from "./option_parsers.ts";
import { printJson, printLine } from "./print.ts";
import { createProgress } from "./progress.ts";

/** The options of `render` as parsed. */
interface RenderOptions {
  readonly seed: number;
  readonly x: number;
  readonly size: Size;
  readonly time: number;
  readonly season?: Season;
  readonly hour?: Hour;
  readonly captions?: true;
  readonly out: string;
  readonly json?: true;
}

/** Creates the command that renders the handscroll world itself. */
export function createRenderCommand(): Command {
  return new Command("render")
    .description("Render a window of the handscroll world, the training data, without any model.")
    .option("--seed <integer>", "which scroll", parseSeed, 1)
    .option(
      "--x <number>",
      "left edge of the window, in world pixels (the scroll is 512 high)",
      parseNumber(-(2 ** 40), 2 ** 40),
      0,
    )
    .addOption(
      new Option("--size <WxH>", "size of the picture in pixels").argParser(parseSize)
        .default({ width: 4096, height: 512 }, "4096x512"),
    )
    .option("--time <seconds>", "moment: boats, mist, birds and water move", parseNumber(-1e9, 1e9), 0)
    .addOption(
      new Option("--season <name>", "season (default: the seed's)").choices([
        "spring",
        "summer",
        "autumn",
        "winter",
      ]),
    )
    .addOption(new Option("--hour <name>", "hour (default: the seed's)").choices(["day", "dusk", "night"]))
    .option("--captions", "also write what is in the window to a .txt file beside the picture")
    .option("--out <file>", "picture to write: .png, .jpg or .webp", "true.png")
    .option("--json", "print one JSON object with the figures")
    .addHelpText(
      "after",
      `
Examples:
  deno task render --seed 1 --x 0 --size 4096x512 --out true.png --captions
  deno task render --seed 7 --season winter --hour night --size 1024x512 --out snow.png`,
    )
    .action(render);
}

async function render(options: RenderOptions): Promise<void> {
  const { seed, x, size, time, season, hour, out } = options;
  await assertPictureWritable(out, size);
  const captionPath = out.replace(/\.[^.]+$/, ".txt");
  if (options.captions) await assertWritable(captionPath);
  const { describeWindow, SCROLL_HEIGHT } = await import("../data/mod.ts");
  const world: World = { seed, ...(season && { season }), ...(hour && { hour }) };
  const scale = size.height / SCROLL_HEIGHT;
  const started = performance.now();
  const picture = await renderStrip(world, { x, size, scale, time });
  const seconds = (performance.now() - started) / 1000;
  await writePicture(out, picture);
  const { caption } = describeWindow(world, { x, width: size.width / scale, scale, time });
  if (options.captions) await writeFileAside(captionPath, `${caption}\n`);
  if (options.json) printJson({ out, width: size.width, height: size.height, seconds, caption });
  else printLine(`${out}: ${size.width}x${size.height}, ${seconds.toFixed(1)} s. ${caption}`);
}

/** The width of the windows that a strip is rendered in, in picture pixels. */
const WINDOW_WIDTH = 512;

async function renderStrip(
  world: World,
  { x, size, scale, time }: {
    readonly x: number;
    readonly size: Size;
    readonly scale: number;
    readonly time: number;
  },
): Promise<Picture> {
  const { renderWindow, SCROLL_HEIGHT } = await import("../data/mod.ts");
  const strip = createPicture(size.height, size.width);
  const progress = createProgress("render", Math.ceil(size.width / WINDOW_WIDTH));
  const firstPixel = Math.round(x * scale); // windows join on whole pixels
  try {
    for (let left = 0, done = 0; left < size.width; left += WINDOW_WIDTH) {
      const width = Math.min(WINDOW_WIDTH, size.width - left);
      const window = {
        x: (firstPixel + left) / scale,
        width: width / scale,
        height: SCROLL_HEIGHT,
        scale,
        time,
      };
      const { data } = renderWindow(world, window); // [H, W, 3]
      for (let row = 0; row < size.height; row++) {
        const pixels = data.subarray(row * width * 3, (row + 1) * width * 3);
        strip.data.set(pixels, (row * size.width + left) * 3);
      }
      progress.update(++done);
      await new Promise((resolve) => setTimeout(resolve)); // lets Ctrl-C and the bar through
    }
  } finally {
    progress.stop();
  }
  return strip;
}
