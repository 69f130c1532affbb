/** The file of the audit: what is flushed when, who may read it, and what becomes of it when it is moved or full. */
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Audit, AuditFailure, type AuditLine, openAudit } from "../../src/audit/audit.ts";

let folder: string;
let file: string;
const open: Audit[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-test-"));
  file = join(folder, "audit.jsonl");
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
  rmSync(folder, { recursive: true });
});

function opened(target = file): Audit {
  const audit = openAudit(target);
  open.push(audit);
  return audit;
}

const line = (requestId: string): AuditLine => ({
  time: "2026-11-28T00:00:00.000Z",
  requestId,
  phase: "begin",
  credential: "the environment",
  tool: "create_stream_connection",
  dryRun: false,
  requests: [],
  ms: 1,
});
const idsIn = (path: string): string[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((each) => JSON.parse(each).requestId);

describe("the file", () => {
  test("is made for its owner alone, and appended to", async () => {
    writeFileSync(file, `${JSON.stringify(line("before"))}\n`);
    await opened().flushed(line("one"));
    expect(idsIn(file)).toEqual(["before", "one"]);
    const other = join(folder, "new");
    opened(other).written(line("two"));
    expect(statSync(other).mode & 0o777).toBe(0o600);
    expect(idsIn(other)).toEqual(["two"]);
  });

  test("holds a line each, however many come at once", async () => {
    const audit = opened();
    const ids = Array.from({ length: 200 }, (_, index) => `r${index}`);
    await Promise.all(ids.map((id, index) => (index % 3 === 0 ? audit.written(line(id)) : audit.flushed(line(id)))));
    expect(idsIn(file)).toEqual(ids);
    expect(audit.lost).toBe(0);
  });

  test("is opened anew once it was moved away or deleted, and goes on where it was cut to nothing", async () => {
    const audit = opened();
    await audit.flushed(line("one"));
    renameSync(file, `${file}.1`);
    await Promise.all([audit.flushed(line("two")), audit.flushed(line("three"))]);
    expect([idsIn(`${file}.1`), idsIn(file)]).toEqual([["one"], ["two", "three"]]);
    rmSync(file);
    await audit.flushed(line("four"));
    expect(idsIn(file)).toEqual(["four"]);
    truncateSync(file);
    audit.written(line("five"));
    expect(idsIn(file)).toEqual(["five"]);
  });

  test("that cannot be opened is told with the system's word for why", () => {
    expect(() => openAudit(join(folder, "none", "audit"))).toThrow(new AuditFailure("ENOENT"));
    expect(() => openAudit(folder)).toThrow(new AuditFailure("EISDIR"));
  });

  test("that has gone with its folder takes no line, and the next one once it is there again", async () => {
    const audit = opened();
    rmSync(folder, { recursive: true });
    await expect(audit.flushed(line("one"))).rejects.toThrow(new AuditFailure("ENOENT"));
    expect(() => audit.written(line("two"))).toThrow(AuditFailure);
    expect(audit.lost).toBe(2);
    folder = mkdtempSync(join(tmpdir(), "audit-test-"));
  });
});

test.skipIf(!existsSync("/dev/full"))("a disk that is full takes no line", async () => {
  const audit = opened("/dev/full");
  await expect(audit.flushed(line("one"))).rejects.toThrow(new AuditFailure("ENOSPC"));
  expect(() => audit.written(line("two"))).toThrow(new AuditFailure("ENOSPC"));
  expect(audit.lost).toBe(2);
});

test("what cannot be flushed, such as a device, is written all the same", async () => {
  await opened("/dev/null").flushed(line("one"));
});
