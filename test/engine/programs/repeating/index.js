/**
 * Runs `pulumi` on this program, which is handed to the engine by this process: a language host between them may be too old to know
 * of error hooks.
 */
const { readFileSync } = require("node:fs");
const { ErrorHook } = require("@pulumi/pulumi");
const { LocalWorkspace } = require("@pulumi/pulumi/automation");
const { License } = require("pulumi-billmanager");

async function program() {
  const declared = JSON.parse(readFileSync("licenses.json", "utf8"));
  const again = new ErrorHook("again", ({ errors }) => errors.length <= 2);
  for (const [name, inputs] of Object.entries(declared)) {
    new License(name, inputs, { hooks: { onError: [again] } });
  }
}

async function main() {
  const stack = await LocalWorkspace.selectStack(
    { stackName: "dev", workDir: __dirname, program, projectName: "repeating" },
    { workDir: __dirname },
  );
  await stack.up({ onOutput: (text) => process.stdout.write(text) });
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
