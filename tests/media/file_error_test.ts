import { assertEquals, assertStringIncludes } from "@std/assert";
import { createFileError, FileError } from "nuwa-infinity";

Deno.test("createFileError() explains a full disk", () => {
  const cause = new Error("No space left on device (os error 28)"); // as Deno 2.9.6 words it, without a code
  const error = createFileError("write file", "a.png", cause);
  assertEquals(error.message, "Cannot write file at a.png: disk must have room, got a full disk");
  assertEquals(error.cause, cause);
  assertEquals(error instanceof FileError, true);
});

Deno.test("createFileError() explains a forbidden folder and a Deno permission", () => {
  const forbidden = Object.assign(new Deno.errors.PermissionDenied("no"), { code: "EACCES" });
  assertStringIncludes(createFileError("write file", "a", forbidden).message, "got permission denied");
  const sandboxed = new Deno.errors.NotCapable('Requires write access to "a"\nmore');
  assertEquals(
    createFileError("write file", "a", sandboxed).message,
    'Cannot write file at a: permission must be granted, got Requires write access to "a"',
  );
});

Deno.test("createFileError() keeps an unknown reason to one line", () => {
  assertEquals(
    createFileError("read file", "a", new Error("odd\nstack")).message,
    "Cannot read file at a: input and output must work, got odd",
  );
});
