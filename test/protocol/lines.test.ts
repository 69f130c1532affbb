import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineReader, TooLong } from "../../src/protocol/lines.ts";

/** Feeds the pieces one after another and gives the lines as text, `null` for one over the limit. */
function readAll(pieces: Iterable<Buffer>, maxBytes = 1000): (string | null)[] {
  const reader = new LineReader(maxBytes);
  const lines: (string | null)[] = [];
  const drain = () => {
    for (let line = reader.next(); line !== undefined; line = reader.next()) {
      lines.push(line instanceof TooLong ? null : line.toString("latin1"));
    }
  };
  for (const piece of pieces) {
    reader.push(piece);
    drain();
  }
  reader.end();
  drain();
  return lines;
}

const text = (...pieces: string[]) => pieces.map((piece) => Buffer.from(piece, "latin1"));

function* bytesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at++) yield bytes.subarray(at, at + 1);
}

describe("LineReader", () => {
  it("ends lines at LF and at CRLF", () => {
    expect(readAll(text("a\nb\r\nc\n"))).toEqual(["a", "b", "c"]);
  });

  it("keeps a CR inside a line", () => {
    expect(readAll(text("a\rb\n"))).toEqual(["a\rb"]);
  });

  it("gives empty lines", () => {
    expect(readAll(text("\n\r\n\n"))).toEqual(["", "", ""]);
  });

  it("gives a last line that has no end", () => {
    expect(readAll(text("a\nb"))).toEqual(["a", "b"]);
    expect(readAll(text("a\n"))).toEqual(["a"]);
    expect(readAll(text(""))).toEqual([]);
  });

  it("waits for the end of a line that comes in pieces, also between CR and LF", () => {
    expect(readAll(text("a", "b", "c\r", "\nd", "", "\n"))).toEqual(["abc", "d"]);
  });

  it("takes a line of exactly the limit and no longer one", () => {
    expect(readAll(text("12345\n123456\n12345"), 5)).toEqual(["12345", null, "12345"]);
    expect(readAll(bytesOf(Buffer.from("12345\n123456\n12345")), 5)).toEqual(["12345", null, "12345"]);
  });

  it("tells of a line over the limit once, before its end has come, and goes on behind it", () => {
    const reader = new LineReader(4);
    reader.push(Buffer.from("12345"));
    expect(reader.next()).toEqual(new TooLong(Buffer.from("1234")));
    expect(reader.next()).toBeUndefined();
    reader.push(Buffer.from("6789"));
    expect(reader.next()).toBeUndefined();
    reader.push(Buffer.from("0\nok\n"));
    expect(reader.next()?.toString()).toBe("ok");
  });

  it("tells nothing more of a discarded line that ends with the input", () => {
    expect(readAll(text("123456", "789"), 5)).toEqual([null]);
  });

  it("keeps nothing of a line over the limit", () => {
    const reader = new LineReader(1024);
    const piece = Buffer.alloc(64 * 1024, "x");
    for (let count = 0; count < 1600; count++) {
      reader.push(piece);
      expect(reader.next() instanceof TooLong).toBe(count === 0);
      expect(reader.size).toBe(0);
    }
  });

  it("does not change lines that it gave out before", () => {
    const reader = new LineReader(100);
    reader.push(Buffer.from("first\npart"));
    const first = reader.next();
    reader.next();
    reader.push(Buffer.from(" two\nthird\n"));
    const second = reader.next();
    reader.push(Buffer.from("x".repeat(50)));
    expect([first?.toString(), second?.toString(), reader.next()?.toString()]).toEqual(["first", "part two", "third"]);
  });

  it("reads four megabytes that come byte by byte in linear time", () => {
    const started = performance.now();
    expect(readAll(bytesOf(Buffer.alloc(4 << 20, "x")), 4 << 20)).toHaveLength(1);
    // Quadratic copying would take hours.
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it("reads half a million lines out of one piece", () => {
    expect(readAll([Buffer.from("{}\n".repeat(500_000))])).toHaveLength(500_000);
  });

  it("gives the same lines however the bytes are cut", () => {
    const byte = fc.constantFrom(0x0a, 0x0a, 0x0d, 0x61, 0x62, 0xff);
    const pieces = fc.array(fc.array(byte, { maxLength: 30 }).map((bytes) => Buffer.from(bytes)));
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 8 }), (cut, maxBytes) => {
        const whole = Buffer.concat(cut);
        const expected = whole.toString("latin1").split("\n");
        if (expected.at(-1) === "") expected.pop();
        const lines = expected.map((line) => (line.length > maxBytes ? null : line.replace(/\r$/, "")));
        expect(readAll(cut, maxBytes)).toEqual(lines);
        expect(readAll(bytesOf(whole), maxBytes)).toEqual(lines);
        expect(readAll([whole], maxBytes)).toEqual(lines);
      }),
    );
  });
});
