import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Where the files are that take longest, for a machine that has not run them yet: one of them begun last would be waited for alone. */
const LONGEST = /\/test\/(?:model|docs\/languages|engine|package|bench|examples)/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => (LONGEST.test(moduleId) ? 0 : 1);
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Most files wait for the engine most of the time.
    maxWorkers: 3,
    // A worker loads the provider and the simulator once, and not for each of its files.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    hookTimeout: 900_000,
    // For the processes of the engine.
    env: { ENGINE_NODE_OPTIONS: `--require ${JSON.stringify(join(import.meta.dirname, "test/compileCache.cjs"))}` },
    coverage: {
      include: ["provider/**/*.ts"],
      reporter: ["text-summary"],
      reportsDirectory: "coverage",
      thresholds: { lines: 95, branches: 95 },
    },
  },
});
