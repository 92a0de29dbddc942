import { createHash } from "node:crypto";
import type { Picture, Uniform } from "../core/mod.ts";
import { createFileError, cropPicture, readPicture, resizePicture } from "../media/mod.ts";
import type { Crop, CropSource } from "./crop_source.ts";
import { readCaptions } from "./_read_captions.ts";

/** What a picture is for. */
export type Split = "train" | "validation";

/** A picture of a {@link PictureFolder}. */
export interface PictureEntry {
  /** Path of its file. */
  readonly path: string;
  /** What it shows; none where nobody wrote it down. */
  readonly caption?: string;
  /** By a hash of its name in the folder: it stays when pictures come or go. A fifth is for validation. */
  readonly split: Split;
}

/** A folder of pictures to train on. */
export interface PictureFolder {
  /** As it was opened: the paths of its entries start with it. */
  readonly path: string;
  /** Sorted by path; at least one. */
  readonly entries: readonly PictureEntry[];
  /** Reads a picture, or takes it from the cache. Not to be written to. */
  read(entry: PictureEntry): Promise<Picture>;
}

/** How {@link openPictureFolder} keeps pictures. */
export interface PictureFolderOptions {
  /**
   * Pictures are shrunk to this shorter side as they are read, in pixels.
   * @default 512
   */
  readonly maxShortSide?: number;
  /**
   * Bytes of pictures that are kept decoded.
   * @default 2 ** 29
   */
  readonly cacheBytes?: number;
}

const EXTENSION = /\.(png|jpe?g|webp|gif|tiff?|avif)$/i;

/**
 * Opens a folder of pictures, folders inside it included, with captions beside them: `metadata.jsonl` with `file_name`
 * and `text` as Hugging Face's imagefolder has it, or `name.txt`. Nothing is decoded yet.
 *
 * @throws {FileError} If the folder is missing or unreadable.
 * @throws {RangeError} If it has no picture.
 * @throws {SyntaxError} If its `metadata.jsonl` is not right; the line is named.
 */
export async function openPictureFolder(
  path: string,
  options: PictureFolderOptions = {},
): Promise<PictureFolder> {
  const names = (await listPictures(path, "")).sort();
  if (names.length === 0) {
    throw new RangeError(
      `Cannot open picture folder at ${path}: it must have a PNG, JPEG, WebP, GIF, TIFF or AVIF file, got none`,
    );
  }
  const captions = await readCaptions(path, names);
  const entries = names.map((name): PictureEntry => {
    const caption = captions.get(name) ?? "";
    const split = createHash("sha256").update(name).digest().readUInt32BE() % 5 === 0
      ? "validation"
      : "train";
    return { path: `${path}/${name}`, split, ...(caption === "" ? {} : { caption }) };
  });
  return { path, entries, read: createReader(options) };
}

/** Names of the pictures below a folder. Hidden files, and links to folders, are passed over. */
async function listPictures(root: string, prefix: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(`${root}/${prefix}`)) {
      if (name.startsWith(".")) continue;
      if (isDirectory) found.push(...await listPictures(root, `${prefix}${name}/`));
      else if (EXTENSION.test(name)) found.push(prefix + name);
    }
  } catch (error) {
    throw createFileError("open picture folder", `${root}/${prefix}`.replace(/\/+$/, ""), error);
  }
  return found;
}

/** Reads pictures, and keeps those last used. */
function createReader(options: PictureFolderOptions): PictureFolder["read"] {
  const { maxShortSide = 512, cacheBytes = 2 ** 29 } = options;
  const kept = new Map<string, Picture>(); // least recently used first
  let bytes = 0;
  const drop = (path: string) => {
    bytes -= kept.get(path)?.size ?? 0;
    kept.delete(path);
  };
  return async ({ path }) => {
    const picture = kept.get(path) ?? await shrink(await readPicture(path), maxShortSide);
    drop(path);
    kept.set(path, picture);
    bytes += picture.size;
    for (const oldest of kept.keys()) {
      if (bytes <= cacheBytes) break;
      drop(oldest);
    }
    return picture;
  };
}

async function shrink(picture: Picture, maxShortSide: number): Promise<Picture> {
  const [height = 1, width = 1] = picture.shape;
  const scale = maxShortSide / Math.min(height, width);
  if (scale >= 1) return picture;
  return await resizePicture(picture, {
    width: Math.round(width * scale),
    height: Math.round(height * scale),
  });
}

/** How {@link sampleCrop} crops. */
export interface SampleCropOptions {
  /** Side of the crop, in pixels. */
  readonly size: number;
  /**
   * Which pictures. Where a folder has none of them, all are taken.
   * @default "train"
   */
  readonly split?: Split;
  /**
   * The least and most of the shorter side that a crop shows. Small ones are raised so that nothing is magnified that
   * need not be.
   * @default [0.4, 1]
   */
  readonly scale?: readonly [least: number, most: number];
  /**
   * Share of crops that are mirrored; 0 where captions tell left from right.
   * @default 0.5
   */
  readonly mirrored?: number;
}

/**
 * Takes a random square of a random picture, at a random scale, perhaps mirrored: RandomResizedCrop and HorizontalFlip.
 * The same five random numbers give the same crop, whatever is in the cache.
 *
 * Source: Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, its draft's augmentations. Ours differs: no change of aspect.
 *
 * @throws {RangeError} If size, scale or mirrored make no sense, or a picture is too large.
 * @throws {FileError} If a picture cannot be read; it is named.
 * @throws {SyntaxError} If a file is not a picture; it is named.
 */
export async function sampleCrop(
  folder: PictureFolder,
  uniform: Uniform,
  options: SampleCropOptions,
): Promise<Crop> {
  assertOptions(options);
  const { size, split = "train", scale: [least, most] = [0.4, 1], mirrored = 0.5 } = options;
  const some = folder.entries.filter((entry) => entry.split === split);
  const entries = some.length > 0 ? some : folder.entries;
  const [which = 0, scale = 0, across = 0, down = 0, turn = 0] = Array.from({ length: 5 }, uniform);
  const entry = entries[Math.floor(which * entries.length)];
  if (entry === undefined) throw new RangeError("Cannot sample crop: folder must have pictures, got none");
  const picture = await folder.read(entry);
  const [height = 1, width = 1] = picture.shape;
  const short = Math.min(height, width);
  const side = Math.max(Math.round(short * (least + (most - least) * scale)), Math.min(size, short));
  const x = Math.floor(across * (width - side + 1)), y = Math.floor(down * (height - side + 1));
  const window = picture.lo(y, x, 0).hi(side, side, 3);
  const view = turn < mirrored ? window.step(1, -1, 1) : window;
  const square = { width: size, height: size };
  return {
    picture: side === size ? cropPicture(view, { x: 0, y: 0, ...square }) : await resizePicture(view, square),
    ...(entry.caption === undefined ? {} : { caption: entry.caption }),
    top: y * size / side,
    fullHeight: height * size / side,
  };
}

function assertOptions({ size, scale: [least, most] = [0.4, 1], mirrored = 0.5 }: SampleCropOptions): void {
  const refuse = (name: string, need: string, got: unknown) =>
    new RangeError(`Cannot sample crop: ${name} must be ${need}, got ${got}`);
  if (!Number.isInteger(size) || size < 1 || size > 8192) {
    throw refuse("size", "an integer from 1 to 8192", size);
  }
  if (!(least > 0 && least <= most && most <= 1)) {
    throw refuse("scale", "two numbers with 0 < least <= most <= 1", `${least}, ${most}`);
  }
  if (!(mirrored >= 0 && mirrored <= 1)) throw refuse("mirrored", "from 0 to 1", mirrored);
}

/** The pictures of one split as a {@link CropSource}; `step` does not apply to them. */
export function createFolderSource(
  folder: PictureFolder,
  options: Omit<SampleCropOptions, "size"> = {},
): CropSource {
  return { sampleCrop: (uniform, { size }) => sampleCrop(folder, uniform, { ...options, size }) };
}
