/** The file of the policy as `serve` reads it again. */
import { mkdtemp, rename, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PolicyFile } from "../../src/http-server/policy-file.ts";
import { createLog } from "../../src/log.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { fakeClock } from "../support/fake-clock.ts";

const rule = (name: string) => ({
  name,
  who: { subjects: ["alice"] },
  credential: "own",
  projects: ["*"],
  tools: { allow: ["read"] },
});
const text = (...names: string[]) =>
  JSON.stringify({
    version: 1,
    credentials: { own: { clientId: "id", clientSecret: "${file:secret}" } },
    rules: names.map(rule),
  });

let folder: string;
let path: string;
let file: PolicyFile;
let lines: string[];
const stop = { now: new AbortController() };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "policy-file-test-"));
  path = join(folder, "policy.json");
  await writeFile(join(folder, "secret"), "first-secret");
  await writeFile(path, text("a"));
  file = new PolicyFile({ path, env: {}, isSandbox: false });
  lines = [];
  stop.now = new AbortController();
});
afterEach(async () => {
  stop.now.abort();
  await rm(folder, { recursive: true });
});

/** Watches; gives what waits for the next reading. */
function watched(): () => Promise<Policy | undefined> {
  const readings: (Policy | undefined)[] = [];
  let heard = () => {};
  const log = createLog({ level: "debug", write: (line) => lines.push(line), clock: fakeClock() });
  file.watch(stop.now.signal, log, (policy) => {
    readings.push(policy);
    heard();
  });
  return async () => {
    if (readings.length === 0)
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    return readings.shift();
  };
}

/** Puts a text there in one step, so that nobody reads a half of it. */
async function put(content: string): Promise<void> {
  await writeFile(join(folder, "new"), content);
  await rename(join(folder, "new"), path);
}

const names = (policy: Policy | undefined) => policy?.rules.map(({ name }) => name);

test("is read again when its text changes, and when a secret that it names does", async () => {
  expect(names(await file.read())).toEqual(["a"]);
  const next = watched();
  await put(text("a", "b"));
  expect(names(await next())).toEqual(["a", "b"]);
  await writeFile(join(folder, "secret"), "second-secret");
  expect((await next())?.operator.values).toContain("second-secret");
});

test("that is wrong, or gone, is told once, and read when it is right again", async () => {
  await file.read();
  const next = watched();
  await put("{");
  expect(await next()).toBeUndefined();
  await unlink(path);
  expect(await next()).toBeUndefined();
  await put(text("c"));
  expect(names(await next())).toEqual(["c"]);
  expect(lines.filter((line) => line.includes("cannot be used"))).toHaveLength(2);
  expect(lines.join()).not.toContain("first-secret");
});

test("needs for each rule to say for whom it is, and with which credential", async () => {
  await writeFile(path, text("a").replace('"who"', '"whom"'));
  await expect(file.read()).rejects.toThrow(/rules\[0\]/);
  const { who: _, credential: __, ...bare } = rule("a");
  await writeFile(path, JSON.stringify({ version: 1, rules: [bare] }));
  await expect(file.read()).rejects.toThrow(/rules\[0\]\.who: .*rules\[0\]\.credential: /s);
  const onSandbox = new PolicyFile({ path, env: {}, isSandbox: true });
  await expect(onSandbox.read()).rejects.toThrow(/^(?!.*credential)/s);
});
