import { defineConfig } from "vitest/config";

/** The tests of the pure decisions alone: they run once for each mutant. */
export default defineConfig({
  test: {
    include: [
      "test/license/{calendar,claim,guards,match,plan,warnings}.test.ts",
      "test/billmanager/{money,outcome,resend,envelope}.test.ts",
    ],
  },
});
