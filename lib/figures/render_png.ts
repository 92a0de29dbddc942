import sharp from "sharp";
import type { Figure } from "./figure.ts";
import { renderSvg, type RenderSvgOptions } from "./render_svg.ts";

/**
 * Draws a figure as the bytes of a PNG file, without Plotly and without a browser, one and a half pixels to each of its own.
 * Texts need a font on the machine. Colours are reduced to 256, which keeps notebooks small.
 */
export async function renderPng(figure: Figure, options: RenderSvgOptions = {}): Promise<Uint8Array> {
  const svg = new TextEncoder().encode(renderSvg(figure, options));
  const image = sharp(svg, { density: 108, limitInputPixels: false });
  return new Uint8Array(await image.png({ palette: true, compressionLevel: 9 }).toBuffer());
}
