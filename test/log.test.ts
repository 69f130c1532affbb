/** The log: one JSON line an entry, from a level up, with facts that stay. */
import { describe, expect, test } from "vitest";
import type { LogLevel } from "../src/config/settings.ts";
import { createLog, type LogEntry } from "../src/log.ts";
import { fakeClock } from "./support/fake-clock.ts";

function logOf(level: LogLevel) {
  const lines: string[] = [];
  const log = createLog({
    level,
    write: (line) => lines.push(line),
    clock: fakeClock(),
  });
  return { log, lines, entries: () => lines.map((line) => JSON.parse(line)) };
}

describe("an entry", () => {
  test("is one JSON line with its time, level, message and facts", () => {
    const { log, lines, entries } = logOf("debug");
    log.info("two\nlines", { path: "/a" });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain("\n");
    expect(entries()).toEqual([
      {
        time: "2026-01-01T00:00:00.000Z",
        level: "info",
        message: "two\nlines",
        path: "/a",
      },
    ]);
  });

  test("below the level is not written, but listeners hear of it", () => {
    const { log, lines } = logOf("warning");
    const heard: LogEntry[] = [];
    log.listen((entry) => heard.push(entry));
    log.debug("a");
    log.info("b");
    log.warning("c");
    log.error("d");
    expect(lines).toHaveLength(2);
    expect(heard.map(({ level, message }) => level + message)).toEqual(["debuga", "infob", "warningc", "errord"]);
  });

  test("is not even made where nobody hears its level", () => {
    const { log, lines } = logOf("error");
    const heard: LogEntry[] = [];
    log.listen(
      (entry) => heard.push(entry),
      (level) => level === "warning",
    );
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    log.debug("a", circular);
    log.warning("b");
    expect(lines).toEqual([]);
    expect(heard.map(({ message }) => message)).toEqual(["b"]);
  });
});

describe("a log with facts", () => {
  test("puts them into each of its entries, and into nobody else's", () => {
    const { log, entries } = logOf("info");
    const first = log.with({ requestId: "1" });
    const nested = first.with({ tool: "x" });
    first.info("first");
    nested.info("nested", { tool: "own wins" });
    log.info("bare");
    expect(entries().map(({ time, level, message, ...facts }) => facts)).toEqual([
      { requestId: "1" },
      { requestId: "1", tool: "own wins" },
      {},
    ]);
  });

  test("has the listeners of the log that it is from, whenever they came", () => {
    const { log } = logOf("error");
    const heard: unknown[] = [];
    const later = log.with({ requestId: "1" });
    log.listen(({ facts }) => heard.push(facts));
    later.debug("x");
    expect(heard).toEqual([{ requestId: "1" }]);
  });
});
