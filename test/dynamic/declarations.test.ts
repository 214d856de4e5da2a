import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, utimesSync } from "node:fs";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { licenseId } from "../../provider/billmanager/types";
import { type DeclarationFiles, declarationsOf } from "../../provider/declarations";

const ENGINE = "127.0.0.1:40001";
const PANEL = "panel.example";
const ID = licenseId("1000001");
const OTHER = licenseId("1000002");
const HOUR = 3600;

/** Where Linux counts what this process has read. */
const READ_COUNTER = "/proc/self/io";
const bytesRead = () => Number(/^rchar: (\d+)$/m.exec(readFileSync(READ_COUNTER, "utf8"))?.[1]);

describe("what the processes of one engine declare", () => {
  let folder: string;
  let said: string[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pulumi-billmanager-"));
    vi.stubEnv("TMPDIR", folder);
    said = [];
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });

  const process = (engine = ENGINE) => declarationsOf(engine, (line) => void said.push(line)) as DeclarationFiles;
  const files = () => readdirSync(folder).map((name) => join(folder, name));
  const age = (hours: number) => {
    const then = Date.now() / 1000 - hours * HOUR;
    for (const file of files()) {
      utimesSync(file, then, then);
    }
  };

  it("is seen by all of them, whichever starts first", () => {
    const [early, late] = [process(), process()];
    late.declare(PANEL, ID);
    expect(early.isDeclared(PANEL, ID)).toBe(true);
    expect(process().isDeclared(PANEL, ID)).toBe(true);
  });

  it("is one license of one panel", () => {
    process().declare(PANEL, licenseId("11000001"));
    expect(process().isDeclared(PANEL, ID)).toBe(false);
    expect(process().isDeclared(PANEL, licenseId("1100000"))).toBe(false);
    expect(process().isDeclared("other.example", licenseId("11000001"))).toBe(false);
  });

  it("is told apart by what the license is to its resource", () => {
    const [one, two] = [process(), process()];
    one.declare(PANEL, ID, "leaving");
    one.declare(PANEL, OTHER, "asked for");
    expect([two.isDeclared(PANEL, ID), two.isDeclared(PANEL, OTHER)]).toEqual([false, false]);
    expect([two.isDeclared(PANEL, ID, "leaving"), two.isDeclared(PANEL, OTHER, "leaving")]).toEqual([true, false]);
    expect(two.isDeclared(PANEL, OTHER, "asked for")).toBe(true);
  });

  it("is not seen under another engine", () => {
    process().declare(PANEL, ID);
    expect(process("127.0.0.1:4000").isDeclared(PANEL, ID)).toBe(false);
    expect(process("127.0.0.1:400010").isDeclared(PANEL, ID)).toBe(false);
  });

  it("can be taken back, and declared again", () => {
    const one = process();
    one.declare(PANEL, ID);
    one.retract(PANEL, ID);
    expect(process().isDeclared(PANEL, ID)).toBe(false);
    one.declare(PANEL, ID);
    expect(process().isDeclared(PANEL, ID)).toBe(true);
  });

  it("is taken back by one process for itself alone", () => {
    const [one, two] = [process(), process()];
    two.declare(PANEL, ID);
    one.declare(PANEL, ID);
    one.retract(PANEL, ID);
    expect(one.isDeclared(PANEL, ID)).toBe(true);
  });

  it("is seen however often one has looked before", async () => {
    const [one, two] = [process(), process()];
    const others = [licenseId("2000001"), licenseId("2000002"), licenseId("2000003")];
    for (const id of others) {
      expect(one.isDeclared(PANEL, id)).toBe(false);
      two.declare(PANEL, id);
      await setImmediate();
      expect(one.isDeclared(PANEL, id)).toBe(true);
    }
    two.retract(PANEL, others[1] as string);
    await setImmediate();
    expect(others.map((id) => one.isDeclared(PANEL, id))).toEqual([true, false, true]);
    two.remove();
    await setImmediate();
    expect(others.map((id) => one.isDeclared(PANEL, id))).toEqual([false, false, false]);
  });

  it("counts when its line is written to the end", async () => {
    const one = process();
    one.declare(PANEL, OTHER);
    const [file = ""] = files();
    const two = process();
    appendFileSync(file, `+ ${PANEL} 1000`);
    expect(two.isDeclared(PANEL, ID)).toBe(false);
    expect(two.isDeclared(PANEL, "1000")).toBe(false);
    appendFileSync(file, "001\n");
    await setImmediate();
    expect(two.isDeclared(PANEL, ID)).toBe(true);
  });

  it.runIf(existsSync(READ_COUNTER))("is read once, however many licenses are asked for", () => {
    const one = process();
    for (let index = 0; index < 5000; index++) {
      one.declare(PANEL, String(3_000_000 + index));
    }
    const two = process();
    const before = bytesRead();
    for (let index = 0; index < 5000; index++) {
      expect(two.isDeclared(PANEL, String(3_000_000 + index))).toBe(true);
    }
    // The whole file, each time, would be 500 megabytes.
    expect(bytesRead() - before).toBeLessThan(50e6);
  });

  it("stands in a file that only the user can read, and that goes with its process", () => {
    const [one, two] = [process(), process()];
    one.declare(PANEL, ID);
    two.declare(PANEL, ID);
    expect(files().map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
    one.remove();
    expect(two.isDeclared(PANEL, ID)).toBe(true);
    two.remove();
    expect(files()).toEqual([]);
  });

  it("makes no file where nothing is declared", () => {
    const one = process();
    expect(one.isDeclared(PANEL, ID)).toBe(false);
    one.remove();
    expect(files()).toEqual([]);
  });

  it("counts for a day where its process was killed, and is removed by who writes next", () => {
    process().declare(PANEL, ID);
    age(23);
    expect(process().isDeclared(PANEL, ID)).toBe(true);
    age(25);
    expect(process().isDeclared(PANEL, ID)).toBe(false);
    process("127.0.0.1:40002").declare(PANEL, ID);
    expect(files().map((file) => file.includes("-40002-"))).toEqual([true]);
  });

  it("is no link that somebody has laid there", async () => {
    await writeFile(join(folder, "elsewhere"), `+ ${PANEL} ${ID}\n`);
    await symlink(join(folder, "elsewhere"), join(folder, "pulumi-billmanager-declared-40001-1"));
    expect(process().isDeclared(PANEL, ID)).toBe(false);
    expect(said).toEqual([]);
  });

  it("is not shared where there is no such folder, which is said once and fails nothing", () => {
    vi.stubEnv("TMPDIR", join(folder, "missing"));
    const one = process();
    one.declare(PANEL, ID);
    one.retract(PANEL, ID);
    expect(one.isDeclared(PANEL, ID)).toBe(false);
    expect(said).toEqual([expect.stringContaining("cannot tell each other what they declare (ENOENT")]);
  });

  it.each([undefined, "web01"])("is not shared where no engine is known: %j", (engine) => {
    expect(declarationsOf(engine, () => undefined)).toBeUndefined();
  });
});
