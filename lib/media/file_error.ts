/**
 * A file or folder that could not be read or written, for a reason outside the program: missing, forbidden,
 * no room. The message names the path and the reason.
 */
export class FileError extends Error {
  /** The file or folder in question. */
  readonly path: string;

  /** Prefer {@link createFileError}, which words the reason. */
  constructor(message: string, path: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "FileError";
    this.path = path;
  }
}

/**
 * Says what an operating system error means for the one who asked.
 *
 * @param doing What could not be done, e.g. `read picture`.
 * @param path The file or folder that it was to be done to.
 * @param error What the operating system threw; kept as the cause.
 */
export function createFileError(doing: string, path: string, error: unknown): FileError {
  return new FileError(`Cannot ${doing} at ${path}: ${explain(error)}`, path, { cause: error });
}

const NEEDS: Readonly<Record<string, string>> = {
  ENOENT: "file and folder must exist, got no such file or folder",
  ENOTDIR: "folder must be a folder, got a file",
  EEXIST: "path must name a folder, got a file",
  EISDIR: "path must name a file, got a folder",
  EACCES: "file and folder must be open to this user, got permission denied",
  EPERM: "file and folder must be open to this user, got permission denied",
  EROFS: "file system must be writable, got a read-only one",
  ENOSPC: "disk must have room, got a full disk",
  EDQUOT: "disk must have room, got a full quota",
  EFBIG: "file must fit the limit of this process, got a larger one",
  ENAMETOOLONG: "name must be shorter, got one that the file system refuses",
  ELOOP: "path must lead to a file, got a loop of links",
};

/** Deno gives some errors no code, but ends their message with `(os error 28)`; the numbers are Linux's. */
const CODES: Readonly<Record<string, string>> = {
  "27": "EFBIG",
  "28": "ENOSPC",
  "30": "EROFS",
  "122": "EDQUOT",
};

function explain(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) return `permission must be granted, got ${firstLine(error)}`;
  const number = /\(os error (\d+)\)/.exec(firstLine(error))?.[1] ?? "";
  const code = error instanceof Error && "code" in error ? String(error.code) : CODES[number] ?? "";
  return NEEDS[code] ?? `input and output must work, got ${firstLine(error)}`;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
