import sharp, { type Sharp } from "sharp";
import type { CellOutput, Notebook } from "./notebook.ts";

/** Pictures up to so many bytes are kept as they are. */
const MAX_PICTURE_BYTES = 16_000;

/** What changes with every run: speed, time taken, time left. */
const TIMES = / · \d+ tokens\/s| · (?:\d+ h )?(?:\d+ min )?[\d.]+ (?:s|min)(?: left)?(?= ·|<|"|$)/gm;

/**
 * What is kept of a run, for a file of moderate size that is the same after each run: of figures the picture, since viewers of
 * untrusted notebooks run no scripts, and Plotly's form comes back with the next run; large pictures in fewer colours, or as
 * JPEG; live outputs without their times.
 */
export async function slimNotebook(notebook: Notebook): Promise<Notebook> {
  const cells = notebook.cells.map(async (cell) =>
    cell.outputs === undefined ? cell : { ...cell, outputs: await Promise.all(cell.outputs.map(slimOutput)) }
  );
  return { ...notebook, cells: await Promise.all(cells) };
}

async function slimOutput(output: CellOutput): Promise<CellOutput> {
  const { data } = output as { readonly data?: Readonly<Record<string, unknown>> }; // as the file format says
  if (data === undefined) return output;
  const { "application/vnd.plotly.v1+json": plotly, "text/html": html, "text/plain": text, ...rest } = data;
  const isFigure = plotly !== undefined;
  return {
    ...output,
    data: {
      ...rest,
      ...(typeof html === "string" ? { "text/html": await slimHtml(html, isFigure) } : {}),
      ...(typeof text === "string" ? { "text/plain": text.replaceAll(TIMES, "") } : {}),
    },
  };
}

async function slimHtml(html: string, isFigure: boolean): Promise<string> {
  const still = isFigure ? html.replaceAll(/<script>.*?<\/script>/gs, "") : html.replaceAll(TIMES, "");
  const urls = new Set(still.match(/data:image\/(?:png|jpeg);base64,[A-Za-z0-9+/=]+/g));
  let slim = still;
  for (const url of urls) slim = slim.replaceAll(url, await slimPicture(url));
  return slim;
}

/** A smaller picture of the same place on the page. See-through ones stay so, unless they show a painting and would be large. */
async function slimPicture(url: string): Promise<string> {
  const bytes = Uint8Array.fromBase64(url.slice(url.indexOf(",") + 1));
  const image = sharp(bytes),
    { width = 1, format } = await image.metadata(),
    { isOpaque } = await image.stats();
  if (bytes.length <= (format === "jpeg" ? MAX_PICTURE_BYTES / 2 : MAX_PICTURE_BYTES)) return url;
  if (isOpaque) return await encodeJpeg(image);
  const small = image.clone().resize({ width: Math.round(2 / 3 * width) }); // figures are drawn at one and a half times their size
  const look = { palette: true, colors: 64, dither: 0, compressionLevel: 9 };
  for (const [picture, room] of [[image, 1.2], [small, 1.9]] as const) {
    const png = await picture.clone().png(look).toBuffer();
    if (png.length <= room * MAX_PICTURE_BYTES) return toUrl("png", png);
  }
  return await encodeJpeg(small.flatten({ background: "#fff" }));
}

/** JPEG of good quality, or of a fair one where that is still large. */
async function encodeJpeg(image: Sharp): Promise<string> {
  const encode = (quality: number) => image.clone().jpeg({ quality, mozjpeg: true }).toBuffer();
  const good = await encode(74);
  return toUrl("jpeg", good.length <= 2 * MAX_PICTURE_BYTES ? good : await encode(48));
}

function toUrl(kind: string, bytes: Uint8Array): string {
  return `data:image/${kind};base64,${Uint8Array.from(bytes).toBase64()}`;
}
