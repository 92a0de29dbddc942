import { createPicture, createUniform, type Picture } from "nuwa-infinity";
import { deflateSync } from "node:zlib";

/** A picture of seeded noise. */
export function createNoise(height: number, width: number, seed = 1): Picture {
  const uniform = createUniform(seed);
  return createPicture(
    height,
    width,
    Uint8Array.from({ length: height * width * 3 }, () => Math.floor(uniform() * 256)),
  );
}

/** A picture of smooth colour, which lossy formats keep well. */
export function createRamp(height: number, width: number): Picture {
  const picture = createPicture(height, width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (const [c, value] of [255 * x / width, 255 * y / height, 128].entries()) {
        picture.set(y, x, c, value);
      }
    }
  }
  return picture;
}

/** A PNG of RGB zeros as small as can be, whose header claims `width` x `height`; see the PNG standard, 5.3. */
export function createPngHeader(width: number, height: number): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 2, 0, 0, 0], 8);
  const chunks = [
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    createChunk("IHDR", header),
    createChunk("IDAT", deflateSync(new Uint8Array(600))),
    createChunk("IEND", new Uint8Array()),
  ];
  return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
}

function createChunk(type: string, data: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(12 + data.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length);
  chunk.set(new TextEncoder().encode(type), 4);
  chunk.set(data, 8);
  view.setUint32(8 + data.length, crc32(chunk.subarray(4, 8 + data.length)));
  return chunk;
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Runs `use` with a new folder that is removed afterwards. */
export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The names in a folder, sorted. */
export function listFolder(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}
