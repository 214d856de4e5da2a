import type { JournalEntry } from "./types";

/** An entry while its request is being served. */
export type OpenEntry = { -readonly [Field in keyof JournalEntry]: JournalEntry[Field] };

/** What was asked of the panel, in the order of arrival. */
export class Journal {
  private entries: OpenEntry[] = [];
  private lastSeq = 0;
  private serving = 0;

  /** Notes a request that has been read. It counts as in flight until {@link end}. */
  begin(entry: Omit<OpenEntry, "seq" | "inFlight" | "status" | "result">): OpenEntry {
    this.lastSeq += 1;
    this.serving += 1;
    const open = { seq: this.lastSeq, ...entry, status: 0, result: "", inFlight: this.serving };
    this.entries.push(open);
    return open;
  }

  end(): void {
    this.serving -= 1;
  }

  all(): JournalEntry[] {
    return structuredClone(this.entries);
  }

  clear(): void {
    this.entries = [];
  }
}
