import { randomUUID } from "node:crypto";
import { closeSync, lstatSync, openSync, readdirSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { portOf } from "./engine";
import type { Declared, SharedDeclarations } from "./license/run";

/** What the files' names begin with; the engine's port follows, and then the number of the process. */
const NAME = "pulumi-billmanager-declared-";

/** How long a file counts, in ms: longer than a run of the engine takes. */
const LIFETIME = 86_400_000;

/**
 * What the provider's processes of one engine declare, in files among the system's temporary ones: each process writes its own, and
 * reads all. They have nothing in common but the machine and the engine's address.
 *
 * Each file is read on from where it was read last: a destroy asks once or twice for each license.
 *
 * A file holds panels and numbers of licenses, and goes with its process. One that is killed leaves it behind, and a later engine may
 * get the same port: so no file counts for ever, and who writes next removes what is too old.
 */
export class DeclarationFiles implements SharedDeclarations {
  #own: { readonly path: string; readonly descriptor: number } | undefined;
  readonly #read = new Map<string, DeclarationFile>();
  /** What was just read, for all who ask before anything else can happen: for each of a fleet's licenses somebody does. */
  #latest: readonly DeclarationFile[] | undefined;
  #hasWarned = false;

  /** @param warn told once: without the files each process goes by what it declares itself, and no run fails */
  constructor(
    private readonly port: string,
    private readonly warn: (line: string) => void,
  ) {}

  declare(panel: string, id: string, as?: Declared): void {
    this.#attempt(() => this.#write(`+ ${licenseOf(panel, id, as)}\n`));
  }

  retract(panel: string, id: string, as?: Declared): void {
    this.#attempt(() => this.#write(`- ${licenseOf(panel, id, as)}\n`));
  }

  isDeclared(panel: string, id: string, as?: Declared): boolean {
    return this.#attempt(() => this.#others().some((file) => file.declares(licenseOf(panel, id, as)))) ?? false;
  }

  /** The files that count, each read to its end. */
  #others(): readonly DeclarationFile[] {
    if (this.#latest === undefined) {
      this.#latest = this.#readOn();
      setImmediate(() => {
        this.#latest = undefined;
      });
    }
    return this.#latest;
  }

  #readOn(): DeclarationFile[] {
    const found = filesOf(`${NAME}${this.port}-`).filter(({ isTooOld }) => !isTooOld);
    const paths = new Set(found.map(({ path }) => path));
    for (const path of [...this.#read.keys()].filter((known) => !paths.has(known))) {
      this.#read.delete(path);
    }
    return found.map(({ path, size }) => {
      const file = this.#read.get(path) ?? new DeclarationFile(path);
      this.#read.set(path, file);
      file.readTo(size);
      return file;
    });
  }

  /** For the end of the process. */
  remove(): void {
    const own = this.#own;
    if (own !== undefined) {
      this.#own = undefined;
      this.#attempt(() => {
        closeSync(own.descriptor);
        rmSync(own.path, { force: true });
      });
    }
  }

  #write(line: string): void {
    this.#own ??= this.#create();
    this.#latest = undefined;
    writeSync(this.#own.descriptor, line);
  }

  /** Never takes a file that is there already: it is of a process that was killed, or laid there by somebody else. */
  #create(): { readonly path: string; readonly descriptor: number } {
    for (const { path } of filesOf(NAME).filter(({ isTooOld }) => isTooOld)) {
      rmSync(path, { force: true });
    }
    const path = join(tmpdir(), `${NAME}${this.port}-${process.pid}-${randomUUID()}`);
    return { path, descriptor: openSync(path, "ax", 0o600) };
  }

  #attempt<T>(job: () => T): T | undefined {
    try {
      return job();
    } catch (error) {
      if (!this.#hasWarned) {
        this.#hasWarned = true;
        this.warn(
          `the providers of this run cannot tell each other what they declare (${(error as Error).message}): ` +
            "give no license another provider before the folder for temporary files can be used",
        );
      }
      return undefined;
    }
  }
}

/** @returns `undefined` where no engine is known, as for a plugin that somebody runs by hand */
export function declarationsOf(
  engineAddress: string | undefined,
  warn: (line: string) => void,
): DeclarationFiles | undefined {
  const port = portOf(engineAddress);
  return port === undefined ? undefined : new DeclarationFiles(port, warn);
}

/** What one process declares, as far as its file was read. */
class DeclarationFile {
  readonly #licenses = new Set<string>();
  #position = 0;
  /** The beginning of a line whose end was not written yet. */
  #unfinished = "";

  constructor(private readonly path: string) {}

  declares(license: string): boolean {
    return this.#licenses.has(license);
  }

  readTo(size: number): void {
    if (size <= this.#position) {
      return;
    }
    const part = partOf(this.path, this.#position, size - this.#position);
    this.#position += part.length;
    const lines = `${this.#unfinished}${part}`.split("\n");
    this.#unfinished = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("+ ")) {
        this.#licenses.add(line.slice(2));
      } else {
        this.#licenses.delete(line.slice(2));
      }
    }
  }
}

function licenseOf(panel: string, id: string, as?: Declared): string {
  return as === undefined ? `${panel} ${id}` : `${panel} ${id} ${as}`;
}

/** This user's alone: what others lay into the folder would keep licenses from being given up. */
function filesOf(start: string): { readonly path: string; readonly size: number; readonly isTooOld: boolean }[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith(start))
    .flatMap((name) => {
      const path = join(tmpdir(), name);
      const found = lstatSync(path, { throwIfNoEntry: false });
      const isOurs = found?.isFile() === true && (process.getuid === undefined || found.uid === process.getuid());
      return isOurs ? [{ path, size: found.size, isTooOld: Date.now() - found.mtimeMs > LIFETIME }] : [];
    });
}

/** Nothing where its process has ended since. */
function partOf(path: string, position: number, length: number): string {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return "";
    }
    throw error;
  }
  try {
    const bytes = Buffer.alloc(length);
    // All that is written is plain ASCII: hosts and digits.
    return bytes.toString("latin1", 0, readSync(descriptor, bytes, 0, length, position));
  } finally {
    closeSync(descriptor);
  }
}
