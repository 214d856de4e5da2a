/** The version that is set up where none is installed. `package.json` and `tools/go/pulumi/go.mod` name the same one. */
export const PULUMI_VERSION = "3.259.0";

/**
 * Judges a CLI by what `pulumi version` printed.
 *
 * A later minor serves as well as the pinned one; another major may differ in state format and protocol.
 */
export function judgeVersion(answer: string): { readonly version: string } | { readonly reason: string } {
  const found = /^v?((\d+)\.(\d+)\.\d+\S*)$/m.exec(answer.trim());
  if (found?.[1] === undefined) {
    return { reason: `it answers "${answer.trim()}" when asked for its version` };
  }
  const [major, minor] = numbers(PULUMI_VERSION);
  if (Number(found[2]) !== major || Number(found[3]) < minor) {
    return { reason: `it is version ${found[1]}; ${major}.${minor} or a later ${major}.x is needed` };
  }
  return { version: found[1] };
}

/**
 * Says whether the Go that printed this answer to `go version` is older than the one needed, or no Go at all.
 *
 * @param needed as in a `go.mod`, e.g. `1.25.11`
 */
export function isOlderGo(answer: string, needed: string): boolean {
  const found = /\bgo(\d+\.\d+(?:\.\d+)?)/.exec(answer)?.[1];
  if (found === undefined) {
    return true;
  }
  const [major, minor, patch] = numbers(found);
  const [neededMajor, neededMinor, neededPatch] = numbers(needed);
  return (major - neededMajor || minor - neededMinor || patch - neededPatch) < 0;
}

function numbers(version: string): [number, number, number] {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  return [major, minor, patch];
}
