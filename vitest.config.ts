import { defineConfig } from "vitest/config";

/** Tests that start processes, a browser or a bench, which `npm run test:fast` leaves out: folders and files. */
export const slow = [
  "built-server",
  "equivalents/commands",
  "faults",
  "packaging",
  "policy/no-way-round",
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
    // Tests side by side in a file are those that wait more than they work.
    maxConcurrency: 10,
    // Loading the sources anew for each file takes as long as the tests.
    isolate: false,
    projects: [
      { extends: true, test: { name: "fast", include: ["test/**/*.test.ts"], exclude: slowFiles } },
      { extends: true, test: { name: "slow", include: slowFiles } },
    ],
  },
});
