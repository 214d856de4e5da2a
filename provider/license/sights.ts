import type { Sight } from "./run";

/** Gone, or about to be without anybody's doing. */
export function isGivenUp(sight: Sight): boolean {
  return sight.kind === "gone" || sight.observed.status === "deleted" || sight.row.scheduledClose !== undefined;
}

export function isProcessing(sight: Sight): boolean {
  return sight.kind === "shown" && sight.observed.status === "processing";
}

export function isClosing(sight: Sight): boolean {
  return isProcessing(sight) && sight.kind === "shown" && sight.observed.statusReason === "close";
}
