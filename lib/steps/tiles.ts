/** A stretch of one axis that is run by itself, and the part of it that is kept. In tokens. */
export interface Tile {
  /** Where the tile begins. */
  readonly start: number;
  /** The first token that is kept. */
  readonly from: number;
  /** The token after the last one that is kept. */
  readonly until: number;
}

/** Tiles of one length that cover an axis. */
export interface TiledAxis {
  /** Tokens of every tile, halo included. */
  readonly length: number;
  readonly tiles: readonly Tile[];
}

/**
 * Cuts an axis into tiles of one length: what is kept lies at least `halo` away from every end of a tile that is not an
 * end of the axis, so that no tile's result knows that it was cut.
 *
 * @param size Tokens of the axis.
 * @param halo How far tokens influence each other.
 * @param maxLength The longest tile; raised to `3 halo` if it is shorter.
 */
export function tileAxis(size: number, halo: number, maxLength: number): TiledAxis {
  const longest = Math.max(maxLength, 3 * halo);
  if (size <= longest) return { length: size, tiles: [{ start: 0, from: 0, until: size }] };
  const inside = size - 2 * halo; // the ends of the axis need no halo
  const numTiles = Math.ceil(inside / (longest - 2 * halo));
  const kept = Math.ceil(inside / numTiles), length = kept + 2 * halo;
  const tiles = Array.from({ length: numTiles }, (_, index) => ({
    start: Math.min(index * kept, size - length),
    from: index === 0 ? 0 : index * kept + halo,
    until: index === numTiles - 1 ? size : (index + 1) * kept + halo,
  }));
  return { length, tiles };
}
