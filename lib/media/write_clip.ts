import sharp from "sharp";
import type { Picture } from "../core/mod.ts";
import { assertPicture, contiguousPixels } from "./picture_geometry.ts";
import { writeFileAside } from "./write_file_aside.ts";

/** How a clip is stored. */
export interface ClipOptions {
  /** @default 12 */
  readonly framesPerSecond?: number;
  /** WebP keeps all colours, GIF 256 a frame. @default "webp" */
  readonly format?: "webp" | "gif";
}

/** Browsers take a shorter pause between frames for a mistake, and show ten a second. */
const MAX_FRAMES_PER_SECOND = 50;

/**
 * A clip as the bytes of a file that plays in any browser, over and over.
 *
 * @param frames Pictures `[H, W, 3]` of one size.
 * @throws {TypeError} If a frame is no picture, or of another size than the first.
 * @throws {RangeError} If there is no frame, or frames are not from 1 to 50 a second.
 */
export async function encodeClip(
  frames: readonly Picture[],
  { framesPerSecond = 12, format = "webp" }: ClipOptions = {},
): Promise<Uint8Array> {
  if (!(framesPerSecond >= 1 && framesPerSecond <= MAX_FRAMES_PER_SECOND)) {
    throw new RangeError(
      `Cannot encode clip: framesPerSecond must be from 1 to ${MAX_FRAMES_PER_SECOND}, got ${framesPerSecond}`,
    );
  }
  const { width, height } = sizeOfFrames(frames);
  const pixels = new Uint8Array(frames.length * height * width * 3);
  frames.forEach((frame, index) => pixels.set(contiguousPixels(frame), index * height * width * 3));
  const image = sharp(pixels, {
    raw: { width, height: height * frames.length, channels: 3, pageHeight: height },
    limitInputPixels: false,
  });
  const timing = { delay: frames.map(() => Math.round(1000 / framesPerSecond)), loop: 0 };
  const encoded = format === "gif" ? image.gif(timing) : image.webp({ ...timing, quality: 85 });
  return new Uint8Array(await encoded.toBuffer());
}

function sizeOfFrames(frames: readonly Picture[]): { width: number; height: number } {
  const [first] = frames;
  if (first === undefined) throw new RangeError("Cannot encode clip: frames must number at least 1, got 0");
  for (const [index, frame] of frames.entries()) {
    assertPicture("encode clip", frame);
    if (String(frame.shape) !== String(first.shape)) {
      throw new TypeError(
        `Cannot encode clip: frame ${index} must be of the first one's shape [${first.shape}], got [${frame.shape}]`,
      );
    }
  }
  const [height = 0, width = 0] = first.shape;
  return { width, height };
}

/**
 * Writes a clip as an animated WebP or GIF, by extension; whole or not at all.
 *
 * @param path The file to create or replace.
 * @param frames Pictures `[H, W, 3]` of one size.
 * @throws {RangeError} If the extension is neither .webp nor .gif, or there is no frame.
 * @throws {TypeError} If a frame is no picture, or of another size than the first.
 * @throws {FileError} If the file cannot be written.
 *
 * @example Usage
 * ```ts
 * import { renderWindow, writeClip } from "nuwa-infinity";
 * const river = [0, 1, 2].map((time) => renderWindow({ seed: 1 }, { x: 0, y: 384, width: 128, height: 128, time }));
 * await writeClip(await Deno.makeTempFile({ suffix: ".webp" }), river, { framesPerSecond: 2 });
 * ```
 */
export async function writeClip(
  path: string,
  frames: readonly Picture[],
  options: Pick<ClipOptions, "framesPerSecond"> = {},
): Promise<void> {
  const extension = /\.(webp|gif)$/i.exec(path)?.[1]?.toLowerCase();
  if (extension !== "webp" && extension !== "gif") {
    throw new RangeError(`Cannot write clip at ${path}: extension must be .webp or .gif`);
  }
  await writeFileAside(path, await encodeClip(frames, { ...options, format: extension }));
}
