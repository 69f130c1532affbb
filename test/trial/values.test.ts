/** Extended JSON in and out, and the order and the arithmetic of numbers. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Total } from "../../src/trial/values/arithmetic.ts";
import { Decimal } from "../../src/trial/values/decimal.ts";
import { ExtendedJsonFault, fromJson, toJson } from "../../src/trial/values/extended-json.ts";
import { compare, double, isEqual, keyOf, kindOf } from "../../src/trial/values/values.ts";

describe("extended JSON", () => {
  test.each<[unknown, string, unknown]>([
    [5, "int", 5],
    [5.5, "double", 5.5],
    [3_000_000_000, "long", 3_000_000_000],
    [{ $numberInt: "5" }, "int", 5],
    [{ $numberLong: "5" }, "long", 5],
    [{ $numberLong: "9223372036854775807" }, "long", { $numberLong: "9223372036854775807" }],
    [{ $numberDouble: "5.0" }, "double", 5],
    [{ $numberDouble: "-0.0" }, "double", { $numberDouble: "-0.0" }],
    [{ $numberDouble: "Infinity" }, "double", { $numberDouble: "Infinity" }],
    [{ $numberDouble: "NaN" }, "double", { $numberDouble: "NaN" }],
    [{ $numberDecimal: "1.10" }, "decimal", { $numberDecimal: "1.10" }],
    [{ $date: "2025-01-01T00:00:00.5Z" }, "date", { $date: "2025-01-01T00:00:00.500Z" }],
    [{ $date: "2025-01-01T01:00:00+01:00" }, "date", { $date: "2025-01-01T00:00:00Z" }],
    [{ $date: { $numberLong: "0" } }, "date", { $date: "1970-01-01T00:00:00Z" }],
    [{ $date: 1000 }, "date", { $date: "1970-01-01T00:00:01Z" }],
    [{ $date: "1969-12-31T23:59:59Z" }, "date", { $date: { $numberLong: "-1000" } }],
    [{ $oid: "5AB9CBFA31c2ab715d42129e" }, "objectId", { $oid: "5ab9cbfa31c2ab715d42129e" }],
    [{ $binary: { base64: "AAE=", subType: "04" } }, "binData", { $binary: { base64: "AAE=", subType: "04" } }],
    [{ $binary: "AAE=", $type: "00" }, "binData", { $binary: { base64: "AAE=", subType: "00" } }],
    [
      { $uuid: "c8edabc3-f738-4ca3-b68d-ab92a91478a3" },
      "binData",
      { $binary: { base64: "yO2rw/c4TKO2jauSqRR4ow==", subType: "04" } },
    ],
    [{ $timestamp: { t: 5, i: 1 } }, "timestamp", { $timestamp: { t: 5, i: 1 } }],
    [
      { $regularExpression: { pattern: "a", options: "mi" } },
      "regex",
      { $regularExpression: { pattern: "a", options: "im" } },
    ],
    [{ $minKey: 1 }, "minKey", { $minKey: 1 }],
    [{ $code: "f" }, "javascript", { $code: "f" }],
    [{ $gt: 5 }, "object", { $gt: 5 }],
    [null, "null", null],
  ])("%j is a value of the kind %s", (json, kind, relaxed) => {
    const value = fromJson(json);
    expect(kindOf(value)).toBe(kind);
    expect(toJson(value)).toEqual(relaxed);
    expect(isEqual(fromJson(toJson(value, "canonical")), value)).toBe(true);
    expect(kindOf(fromJson(toJson(value, "canonical")))).toBe(kind);
  });

  test.each([
    [{ a: [{ $date: "tomorrow" }] }, "a.0.$date"],
    [{ $numberLong: "x" }, "$numberLong"],
    [{ $numberInt: "3000000000" }, "$numberInt"],
    [{ $oid: "abc" }, "$oid"],
    [{ $binary: { base64: "?" } }, "$binary"],
    [{ $numberDecimal: "one" }, "$numberDecimal"],
  ])("%j is none, and the place is told", (json, path) => {
    const fault = (() => {
      try {
        return fromJson(json);
      } catch (error) {
        return error;
      }
    })();
    expect(fault).toBeInstanceOf(ExtendedJsonFault);
    expect(fault instanceof ExtendedJsonFault && fault.path.join(".")).toBe(path);
  });

  test("any JSON comes out as it went in, whatever its fields are called", () => {
    const names = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty"));
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.boolean(),
        fc.constant(null),
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
        fc.array(tie("json"), { maxLength: 4 }),
        fc
          .array(
            fc.tuple(
              names.filter((name) => !name.startsWith("$")),
              tie("json"),
            ),
            { maxLength: 4 },
          )
          .map((entries) =>
            JSON.parse(`{${entries.map(([name, inner]) => `${JSON.stringify(name)}:${JSON.stringify(inner)}`)}}`),
          ),
      ),
    }));
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.stringify(toJson(fromJson(value)))).toBe(JSON.stringify(value));
        expect(Object.getPrototypeOf(Object(fromJson({ x: value })))).toBe(Object.prototype);
      }),
    );
  });
});

const number = fc.oneof(
  fc.integer(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.double().map(double),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 34n), max: 10n ** 34n }), fc.integer({ min: -40, max: 40 }))
    .map(([digits, exponent]) => Decimal.parse(`${digits}e${exponent}`) ?? 0),
);

describe("numbers", () => {
  test("have one order, whatever their kinds", () => {
    fc.assert(
      fc.property(number, number, number, (a, b, c) => {
        expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) + 0);
        if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
        expect(keyOf(a) === keyOf(b)).toBe(isEqual(a, b));
      }),
      { numRuns: 2_000 },
    );
  });

  test("of ten digits are added as decimals as they are as whole numbers", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), { minLength: 1 }), (whole) => {
        const [ints, decimals] = [new Total(), new Total()];
        for (const each of whole) {
          ints.add(each);
          decimals.add(Decimal.fromWhole(each));
        }
        expect(compare(ints.value, decimals.value)).toBe(0);
        expect(ints.value).toBe(whole.reduce((sum, each) => sum + each, 0n));
      }),
    );
  });

  test.each([
    ["1.0", "3", "0.3333333333333333333333333333333333"],
    ["2", "3", "0.6666666666666666666666666666666667"],
    ["10", "4", "2.5"],
    ["-1", "8", "-0.125"],
    ["1e6144", "0.001", "Infinity"],
  ])("%s over %s is %s", (a, b, expected) => {
    expect(String(Decimal.parse(a)?.over(Decimal.parse(b) ?? Decimal.fromWhole(1)))).toBe(expected);
  });

  test.each([
    "0",
    "-0",
    "1E+3",
    "1.23E-7",
    "0.001234",
    "12345678901234567890123456789012345",
    "NaN",
    "Infinity",
    "-Infinity",
    "9.999999999999999999999999999999999E+6144",
  ])("%s is written as it is read", (text) => {
    const again = String(Decimal.parse(text));
    expect(again === text || text.length === 35).toBe(true);
    expect(String(Decimal.parse(again))).toBe(again);
  });
});
