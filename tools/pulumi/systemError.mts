/** Whether the operating system refused with this code, e.g. `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** To be given to `catch` where a path that does not exist is no error. */
export function ignoreMissing(error: unknown): undefined {
  if (!hasCode(error, "ENOENT")) {
    throw error;
  }
}
