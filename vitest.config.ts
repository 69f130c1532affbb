import { defineConfig } from "vitest/config";

/** Tests that start processes, a browser or a bench, which `npm run test:fast` leaves out: folders and files. */
export const slow = [
  "built-server",
  "equivalents/commands",
  "faults",
  "packaging",
  "protocol/stdio-process",
  "scripts",
  "secret-page/browser",
];
const slowFiles = slow.map((path) => `test/${path}{.test.ts,/**/*.test.ts}`);

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Most tests start processes and servers of their own; more workers than cores only make them wait.
    maxWorkers: 2,
    projects: [
      // Loading the sources anew for each file would take longer than the tests.
      {
        extends: true,
        test: { name: "fast", include: ["test/**/*.test.ts"], exclude: slowFiles, isolate: false },
      },
      { extends: true, test: { name: "slow", include: slowFiles } },
    ],
  },
});
