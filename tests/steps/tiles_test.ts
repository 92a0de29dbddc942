import { assert, assertEquals } from "@std/assert";
import { tileAxis } from "../../lib/steps/tiles.ts";

Deno.test("tileAxis() takes an axis that fits whole", () => {
  assertEquals(tileAxis(64, 12, 64), { length: 64, tiles: [{ start: 0, from: 0, until: 64 }] });
  assertEquals(tileAxis(1, 12, 64), { length: 1, tiles: [{ start: 0, from: 0, until: 1 }] });
});

Deno.test("tileAxis() keeps every token once, a halo away from every cut", () => {
  for (const [halo, maxLength] of [[0, 1], [1, 3], [2, 9], [3, 10], [12, 64], [5, 1]] as const) {
    for (let size = 1; size < 200; size++) {
      const { length, tiles } = tileAxis(size, halo, maxLength);
      assert(length <= Math.max(maxLength, 3 * halo));
      let next = 0;
      for (const { start, from, until } of tiles) {
        assertEquals(from, next);
        assert(until > from && start >= 0 && start + length <= size);
        assert(start === 0 || from - start >= halo);
        assert(start + length === size || start + length - until >= halo);
        next = until;
      }
      assertEquals(next, size);
    }
  }
});
