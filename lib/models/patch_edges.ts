import type { PatchPosition } from "../core/mod.ts";
import type { PatchTransformerConfig } from "./patch_transformer_config.ts";

/** Tokens of finished neighbours along two edges of a patch; -1 where that neighbour is not finished. */
export type PatchEdges<Leaf> = {
  /** The last row of the patch above, int32 `[B, width]`. */
  readonly above: Leaf;
  /** The last column of the patch to the left, int32 `[B, height]`. */
  readonly left: Leaf;
};

/** Cuts the edges out of the tokens `[M]` of the two neighbours, where they are finished. */
export function cutEdges(
  { patchTokens: { height, width } }: Pick<PatchTransformerConfig, "patchTokens">,
  neighbours: { readonly above: Int32Array | undefined; readonly left: Int32Array | undefined },
): PatchEdges<Int32Array> {
  const { above, left } = neighbours;
  return {
    above: Int32Array.from({ length: width }, (_, column) => above?.[(height - 1) * width + column] ?? -1),
    left: Int32Array.from({ length: height }, (_, row) => left?.[row * width + width - 1] ?? -1),
  };
}

/**
 * The edges of every patch of a canvas: a neighbour counts if it comes earlier and the extent reaches it.
 *
 * @param positions The patches in generation order; shape `[P]`.
 * @param tokens The tokens `[M]` of each, in the same order.
 * @returns Edges patch after patch: `[P, width]` and `[P, height]`, flat.
 */
export function canvasEdges(
  config: PatchTransformerConfig,
  positions: readonly PatchPosition[],
  tokens: readonly Int32Array[],
): PatchEdges<Int32Array> {
  const { extent } = config;
  const edges = positions.map((target, place) => {
    const tokensAt = (rows: number, columns: number, reach: number) => {
      const found = positions.slice(0, place).findIndex(({ frame, row, column }) =>
        frame === target.frame && row === target.row + rows && column === target.column + columns
      );
      return reach > 0 && found >= 0 ? tokens[found] : undefined;
    };
    return cutEdges(config, { above: tokensAt(-1, 0, extent.height), left: tokensAt(0, -1, extent.width) });
  });
  return {
    above: Int32Array.from(edges.flatMap(({ above }) => [...above])),
    left: Int32Array.from(edges.flatMap(({ left }) => [...left])),
  };
}
