import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

const root = resolve(__dirname, "../..");
let built: string;

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), "simulate-"));
  await symlink(join(root, "node_modules"), join(built, "node_modules"));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const settings = ["--ignoreConfig", "--rootDir", root, "--module", "node20", "--target", "es2024", "--types", "node"];
  await promisify(execFile)(process.execPath, [compiler, ...settings, "--outDir", built, join(root, "cli/main.ts")], {
    cwd: root,
  });
}, 60_000);

afterAll(() => rm(built, { recursive: true, force: true }));

/** Runs the command to its end. */
async function run(...args: string[]) {
  const child = spawn(process.execPath, [join(built, "cli/main.js"), ...args]);
  let [output, errors] = ["", ""];
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const code = await new Promise((done) => child.on("close", done));
  return { code, output, errors };
}

/** Starts `simulate`; resolves with its greeting. */
async function simulating(...args: string[]) {
  const child = spawn(process.execPath, [join(built, "cli/main.js"), "simulate", ...args]);
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = new Promise((done) => child.on("close", done));
  const greeting = await new Promise<string>((done) => child.stdout.once("data", (chunk) => done(String(chunk))));
  const word = (name: string) => new RegExp(`^ +${name} +(\\S+)`, "m").exec(greeting)?.[1] ?? "";
  return { child, ended, greeting, endpoint: word("endpoint"), control: word("control") };
}

describe("pulumi-billmanager simulate", () => {
  it("serves the account that it was given", async () => {
    const { endpoint } = await simulating(
      "--username",
      "me",
      "--password",
      "pw",
      "--balance",
      "7.50",
      "--currency",
      "USD",
    );
    const answer = await fetch(`${endpoint}?func=subaccount&authinfo=me:pw&out=xml`);
    expect(await answer.text()).toContain("<balance>7.50 USD</balance>");
  });

  it("prints what to tell Pulumi", async () => {
    const { greeting, endpoint } = await simulating("--password", "it's");
    expect(greeting).toContain(`pulumi config set billmanager:endpoint ${endpoint}
  pulumi config set billmanager:username demo
  pulumi config set --secret billmanager:password 'it'\\''s'`);
  });

  it("starts on the day and with the knobs that it was given", async () => {
    const { control } = await simulating("--now", "2026-01-31", "--knobs", '{"duplicate":"exists"}');
    const get = async (path: string) => (await fetch(`${control}${path}`)).json();
    expect([await get("/clock"), await get("/knobs")]).toMatchObject([
      { today: "2026-01-31" },
      { duplicate: "exists" },
    ]);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("stops cleanly on %s", async (signal) => {
    const { child, ended } = await simulating();
    child.kill(signal);
    expect(await ended).toBe(0);
  });

  it("explains itself", async () => {
    const { code, output } = await run("simulate", "--help");
    expect([code, output]).toEqual([0, expect.stringContaining("--control-port N")]);
  });

  it.each([
    [["simulate", "--prot", "1"], "Unknown option '--prot'"],
    [["simulate", "extra"], "Unexpected argument 'extra'"],
    [["simulate", "--port", "70000"], '--port must be a number from 0 to 65535, not "70000"'],
    [["simulate", "--now", "soon"], '"soon" is no ISO date'],
    [["simulate", "--knobs", "{"], "knobs are no valid JSON"],
    [["simulate", "--knobs", '{"x":1}'], 'unknown knob "x"'],
    [["simulate", "--balance", "1,00"], '"1,00" is no amount of EUR'],
    [["dance"], 'unknown command "dance"'],
    [[], "no command given"],
  ])("refuses %j with exit code 2", async (args, message) => {
    const { code, errors } = await run(...args);
    expect([code, errors]).toEqual([2, expect.stringContaining(message)]);
  });

  it("says when a port is taken, which is no mistake of usage", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void taken.close());
    await new Promise((listening) => taken.once("listening", listening));
    const { code, errors } = await run("simulate", "--port", String((taken.address() as AddressInfo).port));
    expect([code, errors]).toEqual([1, expect.stringContaining("EADDRINUSE")]);
  });
});
