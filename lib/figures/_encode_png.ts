import { deflateSync } from "node:zlib";

/**
 * A picture as the bytes of a PNG file, 8 bits a channel; rows are filtered by what is above them.
 *
 * Source: Portable Network Graphics, third edition, W3C 2025, sections 5 and 9.
 *
 * @param pixels Row-major, `height * width * channels` bytes.
 * @param channels 3 for red, green, blue; 4 with opacity.
 */
export function encodePng(height: number, width: number, pixels: Uint8Array, channels: 3 | 4): Uint8Array {
  const header = new Uint8Array(13), view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, channels === 3 ? 2 : 6], 8);
  const parts = [
    Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10),
    createChunk("IHDR", header),
    createChunk("IDAT", deflateSync(filterRows(pixels, height, width * channels), { level: 9 })),
    createChunk("IEND", new Uint8Array()),
  ];
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (file.set(part, at), at + part.length), 0);
  return file;
}

/** Filter type 2 (Up): each byte less the one above. */
function filterRows(pixels: Uint8Array, height: number, rowBytes: number): Uint8Array {
  const filtered = new Uint8Array(height * (rowBytes + 1));
  for (let y = 0; y < height; y++) {
    const to = y * (rowBytes + 1) + 1, from = y * rowBytes;
    filtered[to - 1] = 2;
    for (let i = 0; i < rowBytes; i++) {
      filtered[to + i] = (pixels[from + i] ?? 0) - (y === 0 ? 0 : pixels[from - rowBytes + i] ?? 0);
    }
  }
  return filtered;
}

function createChunk(type: string, data: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(12 + data.length), view = new DataView(chunk.buffer);
  view.setUint32(0, data.length);
  chunk.set(new TextEncoder().encode(type), 4);
  chunk.set(data, 8);
  view.setUint32(8 + data.length, checksum(chunk.subarray(4, 8 + data.length)));
  return chunk;
}

/** CRC-32, bit by bit in a table's place: eight steps a byte. */
function checksum(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}
