import { ensurePulumi } from "./pulumi/ensure.mts";

const ORIGIN = { path: "found on PATH", npm: "from the npm package", go: "built from Go modules" };

try {
  const { command, version, source } = await ensurePulumi();
  console.log(`pulumi ${version} (${ORIGIN[source]}): ${command}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
