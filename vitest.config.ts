import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Most tests start processes and servers of their own; more workers than cores only make them wait.
    maxWorkers: 2,
  },
});
