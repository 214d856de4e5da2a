import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

it("the demo takes every step, says what each cost, and leaves nothing behind", async () => {
  const temporary = await mkdtemp(join(tmpdir(), "demo-"));
  const demo = spawn(process.execPath, [join(__dirname, "../../tools/demo.mts")], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  demo.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const code = await new Promise((resolve) => demo.once("close", resolve));
  expect(code, output).toBe(0);
  expect(output).toContain("left in the account: 980.00 EUR");
  expect(output).toMatch(/at the vendor: CloudLinux \d+: ip 192\.0\.2\.10 → 192\.0\.2\.11/);
  expect(output).toMatch(/at the vendor: KernelCare \d+: status active → suspended/);
  expect(output).toContain("Every step did what it said.");
  expect(await readdir(temporary)).toEqual([]);
  await rm(temporary, { recursive: true });
});
