import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Most files wait for the engine most of the time.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 900_000,
    // Each run of the engine starts two hosts or more, which load the same libraries again and again.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules/.cache/compiled") },
    coverage: {
      include: ["provider/**/*.ts"],
      reporter: ["text-summary"],
      reportsDirectory: "coverage",
      thresholds: { lines: 95, branches: 95 },
    },
  },
});
