import { assertEquals } from "@std/assert";
import { groupReshape, reshapeFirst } from "../../lib/onnx/axis_groups.ts";

Deno.test("groupReshape() cuts a reshape into its smallest parts", () => {
  assertEquals(groupReshape([2, 3, 4], [6, 4]), [{ from: [0, 1], to: [0] }, { from: [2], to: [1] }]);
  assertEquals(groupReshape([1, 6], [2, 3, 1]), [
    { from: [0], to: [] },
    { from: [1], to: [0, 1] },
    { from: [], to: [2] },
  ]);
  assertEquals(groupReshape([], []), []);
});

Deno.test("reshapeFirst() moves a reshape in front of a transpose where it joins neighbours only", () => {
  // [2, 3, 4] -> [4, 2, 3] -> [4, 6] is [2, 3, 4] -> [6, 4] -> [4, 6].
  assertEquals(reshapeFirst({ extents: [2, 3, 4], perm: [2, 0, 1] }, [4, 6]), {
    extents: [6, 4],
    perm: [1, 0],
  });
  assertEquals(reshapeFirst({ extents: [2, 3, 4], perm: [1, 0, 2] }, [6, 4]), undefined);
});
