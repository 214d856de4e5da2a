import { randomUUID } from "node:crypto";
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { portOf } from "./engine";
import type { SharedDeclarations } from "./license/run";

/** What the files' names begin with; the engine's port follows, and then the number of the process. */
const NAME = "pulumi-billmanager-declared-";

/** How long a file counts, in ms: longer than a run of the engine takes. */
const LIFETIME = 86_400_000;

/**
 * What the provider's processes of one engine declare, in files among the system's temporary ones: each process writes its own, and
 * reads all. They have nothing in common but the machine and the engine's address.
 *
 * A file holds panels and numbers of licenses, and goes with its process. One that is killed leaves it behind, and a later engine may
 * get the same port: so no file counts for ever, and who writes next removes what is too old.
 */
export class DeclarationFiles implements SharedDeclarations {
  #own: { readonly path: string; readonly descriptor: number } | undefined;
  #hasWarned = false;

  /** @param warn told once: without the files each process goes by what it declares itself, and no run fails */
  constructor(
    private readonly port: string,
    private readonly warn: (line: string) => void,
  ) {}

  declare(panel: string, id: string): void {
    this.#attempt(() => this.#write(declared(panel, id)));
  }

  retract(panel: string, id: string): void {
    this.#attempt(() => this.#write(retracted(panel, id)));
  }

  isDeclared(panel: string, id: string): boolean {
    const isIn = (text: string) => text.lastIndexOf(declared(panel, id)) > text.lastIndexOf(retracted(panel, id));
    const files = () => filesOf(`${NAME}${this.port}-`).filter(({ isTooOld }) => !isTooOld);
    return this.#attempt(() => files().some(({ path }) => isIn(textOf(path)))) ?? false;
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

function declared(panel: string, id: string): string {
  return `+ ${panel} ${id}\n`;
}

function retracted(panel: string, id: string): string {
  return `- ${panel} ${id}\n`;
}

/** This user's alone: what others lay into the folder would keep licenses from being given up. */
function filesOf(start: string): { readonly path: string; readonly isTooOld: boolean }[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith(start))
    .flatMap((name) => {
      const path = join(tmpdir(), name);
      const found = lstatSync(path, { throwIfNoEntry: false });
      const isOurs = found?.isFile() === true && (process.getuid === undefined || found.uid === process.getuid());
      return isOurs ? [{ path, isTooOld: Date.now() - found.mtimeMs > LIFETIME }] : [];
    });
}

/** Its process may have ended since. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return "";
    }
    throw error;
  }
}
