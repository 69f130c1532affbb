/** Expressions, held against what MongoDB's documentation prints and says of each. */
import { describe, expect, test } from "vitest";
import { computed, refusedOf } from "./tried.ts";

const date = (text: string) => ({ $date: text });
const long = (text: string) => ({ $numberLong: text });
const decimal = (text: string) => ({ $numberDecimal: text });

/** An expression, the document, and its value with its kind, or why it fails. */
type Case = [expression: unknown, document: Record<string, unknown>, expected: unknown];

const check = (cases: readonly Case[]) =>
  test.each(cases.map((each) => [JSON.stringify(each[0]), JSON.stringify(each[1]), each] as const))(
    "%s of %s",
    (_, __, [expression, document, expected]) => {
      expect(computed(expression, document)).toEqual(expected);
    },
  );

describe("kinds of numbers", () => {
  check([
    [{ $add: ["$a", 1] }, { a: 1 }, [2, "int"]],
    [{ $add: ["$a", 1] }, { a: 2147483647 }, [2147483648, "long"]],
    [{ $add: ["$a", 1] }, { a: long("5") }, [6, "long"]],
    [{ $add: ["$a", long("1")] }, { a: long("9007199254740993") }, [long("9007199254740994"), "long"]],
    [{ $add: ["$a", 1] }, { a: long("9223372036854775807") }, [9223372036854776000, "double"]],
    [{ $add: ["$a", 0.5] }, { a: long("1") }, [1.5, "double"]],
    [{ $add: ["$a", "$b"] }, { a: decimal("0.1"), b: decimal("0.2") }, [decimal("0.3"), "decimal"]],
    [{ $add: ["$a", 1] }, { a: decimal("0.10") }, [decimal("1.10"), "decimal"]],
    [{ $add: ["$a", 1] }, { a: { $numberDouble: "1.0" } }, [2, "double"]],
    [{ $subtract: ["$a", "$b"] }, { a: 10, b: long("4") }, [6, "long"]],
    [{ $subtract: ["$a", "$b"] }, { a: -2147483648, b: 1 }, [-2147483649, "long"]],
    [{ $multiply: ["$a", "$b"] }, { a: 65536, b: 65536 }, [4294967296, "long"]],
    [{ $multiply: ["$a", "$b"] }, { a: decimal("1.10"), b: 3 }, [decimal("3.30"), "decimal"]],
    [{ $divide: ["$a", 2] }, { a: 4 }, [2, "double"]],
    [{ $divide: ["$a", 3] }, { a: decimal("1") }, [decimal("0.3333333333333333333333333333333333"), "decimal"]],
    [{ $mod: ["$a", 5] }, { a: -7 }, [-2, "int"]],
    [{ $mod: ["$a", 5] }, { a: 7.5 }, [2.5, "double"]],
    [{ $abs: "$a" }, { a: -5 }, [5, "int"]],
    [{ $abs: "$a" }, { a: -2147483648 }, [2147483648, "long"]],
    [{ $pow: [5, 2] }, {}, [25, "int"]],
    [{ $pow: [5, -2] }, {}, [0.04, "double"]],
    [{ $pow: [2, 40] }, {}, [1099511627776, "long"]],
    [{ $sqrt: 25 }, {}, [5, "double"]],
    [{ $floor: 7.8 }, {}, [7, "double"]],
    [{ $ceil: -2.8 }, {}, [-2, "double"]],
    [{ $ceil: "$a" }, { a: decimal("7.1") }, [decimal("8"), "decimal"]],
    // Ties go to the even digit.
    [{ $round: [2.5] }, {}, [2, "double"]],
    [{ $round: [3.5, 0] }, {}, [4, "double"]],
    [{ $round: [19.25, 1] }, {}, [19.2, "double"]],
    [{ $round: [1234, -2] }, {}, [1200, "int"]],
    [{ $trunc: [-7.85, 1] }, {}, [-7.8, "double"]],
    [{ $trunc: [19.25, -1] }, {}, [10, "double"]],
    [{ $log: [100, 10] }, {}, [2, "double"]],
    [{ $log10: 1000 }, {}, [3, "double"]],
    [{ $ln: { $exp: 1 } }, {}, [1, "double"]],
    [{ $bitAnd: [{ $toInt: 7 }, 3] }, {}, [3, "int"]],
    [{ $bitOr: [long("8"), 1] }, {}, [9, "long"]],
    [{ $bitXor: [10, 12] }, {}, [6, "int"]],
    [{ $bitNot: 5 }, {}, [-6, "int"]],
    [{ $sum: [1, 2, "text"] }, {}, [3, "int"]],
    [{ $sum: "$a" }, { a: [1, 2.5] }, [3.5, "double"]],
    [{ $avg: [1, 2] }, {}, [1.5, "double"]],
    [{ $avg: [] }, {}, [null, "null"]],
    [{ $sum: [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1] }, {}, [1, "double"]],
    [{ $sin: { $degreesToRadians: 90 } }, {}, [1, "double"]],
    [{ $atan2: [0, 1] }, {}, [0, "double"]],
  ]);
});

test("$rand takes an empty object or list", () => {
  for (const argument of [{}, []]) expect(computed({ $rand: argument })).toEqual([expect.any(Number), "double"]);
  expect(refusedOf({ $addFields: { a: { $rand: 1 } } })).toEqual([
    { path: "pipeline.1.$addFields.a.$rand", message: "takes no argument: {$rand: {}}" },
  ]);
});

describe("what fails", () => {
  check([
    [{ $divide: [1, "$a"] }, { a: 0 }, "can't $divide by zero"],
    [{ $mod: [1, "$a"] }, { a: 0 }, "can't $mod by zero"],
    [{ $add: ["$a", 1] }, { a: "5" }, "$add only supports numeric or date types, not string"],
    [{ $multiply: ["$a", 1] }, { a: "5" }, "$multiply only supports numeric types, not string"],
    [{ $subtract: ["$a", 1] }, { a: "5" }, "can't $subtract int from string"],
    [{ $concat: ["$a", "x"] }, { a: 5 }, "$concat only supports strings, not int"],
    [{ $toInt: "$a" }, { a: "5.5" }, expect.stringContaining("Failed to parse number '5.5' in $convert")],
    [{ $toInt: "$a" }, { a: "abc" }, expect.stringContaining("Failed to parse number 'abc' in $convert")],
    [{ $toInt: "$a" }, { a: long("3000000000") }, expect.stringContaining("would overflow target type")],
    [{ $toDate: "$a" }, { a: "next week" }, expect.stringContaining("date/time string")],
    // An int is no number of milliseconds to MongoDB.
    [{ $toDate: "$a" }, { a: 5 }, "Unsupported conversion from int to date in $convert with no onError value"],
    [{ $arrayElemAt: ["$a", 0] }, { a: "x" }, expect.stringContaining("must be an array, but is string")],
    [{ $size: "$a" }, {}, expect.stringContaining("must be an array, but was of type: missing")],
    [
      {
        $switch: {
          branches: [JSON.parse('{ "case": false, "then": 1 }')],
        },
      },
      {},
      expect.stringContaining("$switch could not find"),
    ],
    [{ $log: [0, 10] }, {}, expect.stringContaining("must be a positive number")],
    [{ $sqrt: -1 }, {}, expect.stringContaining("cannot apply $sqrt to -1")],
    [{ $year: "$a" }, { a: "2025" }, "can't convert from BSON type string to Date"],
  ]);
});

describe("$mergeObjects", () => {
  check([
    [{ $mergeObjects: "$l" }, { l: [{ a: 1, b: 1 }, null, { b: 2 }] }, [{ a: 1, b: 2 }, "object"]],
    [{ $mergeObjects: ["$l"] }, { l: [{ a: 1 }, { b: 2 }] }, [{ a: 1, b: 2 }, "object"]],
    [{ $mergeObjects: "$l" }, { l: [] }, [{}, "object"]],
    [
      { $mergeObjects: ["$l", { b: 1 }] },
      { l: [{ a: 1 }] },
      "$mergeObjects requires object inputs, but an input is of type array",
    ],
    [{ $mergeObjects: "$l" }, { l: [1] }, "$mergeObjects requires object inputs, but an input is of type int"],
  ]);
});

describe("doubles as text", () => {
  check([
    [{ $toString: "$a" }, { a: 0.1 }, ["0.1", "string"]],
    [{ $toString: "$a" }, { a: { $numberDouble: "-0.0" } }, ["-0", "string"]],
    [{ $toString: "$a" }, { a: 0.0001 }, ["0.0001", "string"]],
    [{ $toString: "$a" }, { a: 0.00001 }, ["1e-05", "string"]],
    [{ $toString: "$a" }, { a: 1.5e-7 }, ["1.5e-07", "string"]],
    [{ $toString: "$a" }, { a: { $numberDouble: "1000000000000000" } }, ["1000000000000000", "string"]],
    [{ $toString: "$a" }, { a: { $numberDouble: "-1e16" } }, ["-1e+16", "string"]],
    [{ $toString: "$a" }, { a: { $numberDouble: "1e300" } }, ["1e+300", "string"]],
    [{ $toString: "$a" }, { a: { $numberDouble: "-Infinity" } }, ["-Infinity", "string"]],
    [{ $toString: "$a" }, { a: long("10000000000000000") }, ["10000000000000000", "string"]],
  ]);
});

describe("a day that its month does not have is no date", () => {
  const invalid = expect.stringContaining("The parsed date was invalid");
  check([
    [{ $toDate: "$a" }, { a: "2024-02-30T00:00:00Z" }, invalid],
    [{ $toDate: "$a" }, { a: "2023-02-29T23:00:00-05:00" }, invalid],
    [{ $toDate: "$a" }, { a: "2024-04-31" }, invalid],
    [{ $toDate: "$a" }, { a: "2024-02-29T23:00:00-05:00" }, [date("2024-03-01T04:00:00Z"), "date"]],
    [{ $dateFromString: { dateString: "$a", format: "%d/%m/%Y" } }, { a: "31/04/2024" }, invalid],
    [{ $dateFromString: { dateString: "$a", format: "%Y-%m-%dT%H:%M:%S%z" } }, { a: "2023-02-29T00:00:00Z" }, invalid],
    [
      { $dateFromString: { dateString: "$a", format: "%d/%m/%Y" } },
      { a: "29/02/2024" },
      [date("2024-02-29T00:00:00Z"), "date"],
    ],
    [
      { $dateFromString: { dateString: "$a", format: "%Y-%j" } },
      { a: "2024-366" },
      [date("2024-12-31T00:00:00Z"), "date"],
    ],
  ]);
});

describe("null and missing", () => {
  check([
    [{ $add: ["$a", 1] }, {}, [null, "null"]],
    [{ $add: [null, 1] }, {}, [null, "null"]],
    [{ $concat: ["x", "$a"] }, {}, [null, "null"]],
    ["$a", {}, [undefined, "missing"]],
    ["$a", { a: null }, [null, "null"]],
    [{ $ifNull: ["$a", "$b", "c"] }, { a: null }, ["c", "string"]],
    [{ $eq: ["$a", null] }, {}, [false, "bool"]],
    [{ $eq: ["$a", null] }, { a: null }, [true, "bool"]],
    [{ $gt: ["$a", null] }, { a: null }, [false, "bool"]],
    [["$a", 1], {}, [[null, 1], "array"]],
    [{ x: "$a", y: 1 }, {}, [{ y: 1 }, "object"]],
    [{ $toLower: "$a" }, {}, ["", "string"]],
    [{ $size: { $ifNull: ["$a", []] } }, {}, [0, "int"]],
    [{ $mergeObjects: ["$a", { b: 1 }] }, { a: null }, [{ b: 1 }, "object"]],
    [{ $cond: ["$a", 1, 2] }, { a: "" }, [1, "int"]],
    [{ $cond: ["$a", 1, 2] }, { a: decimal("0.0") }, [2, "int"]],
  ]);
});

describe("conversions", () => {
  check([
    [{ $toDecimal: "$a" }, { a: -5.5 }, [decimal("-5.50000000000000"), "decimal"]],
    [{ $toDecimal: "$a" }, { a: "123456.789" }, [decimal("123456.789"), "decimal"]],
    [{ $toDecimal: "$a" }, { a: 10 }, [decimal("10"), "decimal"]],
    [{ $toDouble: "$a" }, { a: "-5.5" }, [-5.5, "double"]],
    [{ $toDouble: true }, {}, [1, "double"]],
    [{ $toInt: 5.9 }, {}, [5, "int"]],
    [{ $toInt: "-2" }, {}, [-2, "int"]],
    [{ $toLong: date("2018-03-26T04:38:28.044Z") }, {}, [1522039108044, "long"]],
    [{ $toLong: "$a" }, { a: 5 }, [5, "long"]],
    [{ $toString: 2.5 }, {}, ["2.5", "string"]],
    [{ $toString: decimal("1.10") }, {}, ["1.10", "string"]],
    [{ $toString: date("2018-03-27T16:58:51.538Z") }, {}, ["2018-03-27T16:58:51.538Z", "string"]],
    [{ $toString: { $oid: "5ab9c3da31c2ab715d421285" } }, {}, ["5ab9c3da31c2ab715d421285", "string"]],
    [{ $toDate: "$a" }, { a: long("1100000000000") }, [date("2004-11-09T11:33:20Z"), "date"]],
    [{ $toDate: "$a" }, { a: 120000000000.5 }, [date("1973-10-20T21:20:00Z"), "date"]],
    [{ $toDate: "$a" }, { a: "2018-03-03" }, [date("2018-03-03T00:00:00Z"), "date"]],
    [{ $toDate: { $oid: "5ab9c3da31c2ab715d421285" } }, {}, [date("2018-03-27T04:08:58Z"), "date"]],
    [{ $toDate: { $multiply: ["$s", 1000] } }, { s: 1735689600 }, [date("2025-01-01T00:00:00Z"), "date"]],
    [{ $toBool: "false" }, {}, [true, "bool"]],
    [{ $toBool: 0 }, {}, [false, "bool"]],
    [{ $toObjectId: "5ab9cbfa31c2ab715d42129e" }, {}, [{ $oid: "5ab9cbfa31c2ab715d42129e" }, "objectId"]],
    [{ $convert: { input: "$a", to: "int", onError: "no", onNull: 0 } }, { a: "x" }, ["no", "string"]],
    [{ $convert: { input: "$a", to: "int", onError: "no", onNull: 0 } }, {}, [0, "int"]],
    [{ $convert: { input: "$a", to: 1 } }, { a: "10" }, [10, "double"]],
    [{ $type: "$a" }, { a: { $binary: { base64: "AAE=", subType: "00" } } }, ["binData", "string"]],
    [{ $isNumber: "$a" }, { a: decimal("1") }, [true, "bool"]],
    // The page of Atlas on $convert: bytes, in both orders.
    [
      { $convert: { input: { $binary: { base64: "AAI=", subType: "00" } }, to: "int", byteOrder: "big" } },
      {},
      [2, "int"],
    ],
    [
      { $convert: { input: { $binary: { base64: "AQA=", subType: "00" } }, to: "int", byteOrder: "big" } },
      {},
      [256, "int"],
    ],
    [
      { $convert: { input: { $binary: { base64: "AQA=", subType: "00" } }, to: "int", byteOrder: "little" } },
      {},
      [1, "int"],
    ],
    [
      { $convert: { input: { $binary: { base64: "//55YA==", subType: "00" } }, to: "int", byteOrder: "big" } },
      {},
      [-100000, "int"],
    ],
    [
      { $convert: { input: { $binary: { base64: "wEzMzQ==", subType: "00" } }, to: "double", byteOrder: "big" } },
      {},
      [-3.200000047683716, "double"],
    ],
  ]);
});

describe("dates", () => {
  const at = date("2014-01-01T08:15:39.736Z");
  const parts = { year: 2014, month: 1, day: 1, hour: 8, minute: 15, second: 39, millisecond: 736 };
  check([
    [{ $year: at }, {}, [2014, "int"]],
    [{ $dayOfYear: at }, {}, [1, "int"]],
    [{ $dayOfWeek: at }, {}, [4, "int"]],
    [{ $week: at }, {}, [0, "int"]],
    [{ $isoWeek: date("2016-01-01T00:00:00Z") }, {}, [53, "int"]],
    [{ $isoWeekYear: date("2016-01-01T00:00:00Z") }, {}, [2015, "long"]],
    [{ $week: date("2016-01-02T00:00:00Z") }, {}, [0, "int"]],
    [{ $hour: { date: at, timezone: "America/Chicago" } }, {}, [2, "int"]],
    [{ $hour: { date: at, timezone: "+0530" } }, {}, [13, "int"]],
    [{ $dateToParts: { date: at } }, {}, [parts, "object"]],
    [{ $dateToString: { date: at, format: "%Y-%m-%d" } }, {}, ["2014-01-01", "string"]],
    [
      { $dateToString: { date: at, format: "%H:%M:%S:%L%z", timezone: "America/New_York" } },
      {},
      ["03:15:39:736-0500", "string"],
    ],
    [{ $dateToString: { date: at, format: "%H:%M:%S:%L%z", timezone: "+04:30" } }, {}, ["12:45:39:736+0430", "string"]],
    [{ $dateToString: { date: at, format: "minutes %Z", timezone: "+04:30" } }, {}, ["minutes 270", "string"]],
    [{ $dateToString: { date: "$a", onNull: "none" } }, {}, ["none", "string"]],
    [{ $dateFromString: { dateString: "2017-02-08T12:10:40.787" } }, {}, [date("2017-02-08T12:10:40.787Z"), "date"]],
    [
      { $dateFromString: { dateString: "2017-02-08T12:10:40.787", timezone: "America/New_York" } },
      {},
      [date("2017-02-08T17:10:40.787Z"), "date"],
    ],
    [{ $dateFromString: { dateString: "06-15-2018", format: "%m-%d-%Y" } }, {}, [date("2018-06-15T00:00:00Z"), "date"]],
    [{ $dateFromString: { dateString: "15-06-2018", format: "%d-%m-%Y" } }, {}, [date("2018-06-15T00:00:00Z"), "date"]],
    [{ $dateFromString: { dateString: "20177-02-09", onError: "bad" } }, {}, ["bad", "string"]],
    [{ $dateFromString: { dateString: null, onNull: "none" } }, {}, ["none", "string"]],
    [{ $dateFromParts: { year: 2017, month: 14, day: 1 } }, {}, [date("2018-02-01T00:00:00Z"), "date"]],
    [{ $dateFromParts: { year: 2017, month: 2, day: 0 } }, {}, [date("2017-01-31T00:00:00Z"), "date"]],
    [
      { $dateFromParts: { isoWeekYear: 2017, isoWeek: 6, isoDayOfWeek: 3, hour: 12 } },
      {},
      [date("2017-02-08T12:00:00Z"), "date"],
    ],
    [
      { $dateAdd: { startDate: date("2020-12-31T12:10:05Z"), unit: "month", amount: 2 } },
      {},
      [date("2021-02-28T12:10:05Z"), "date"],
    ],
    [
      { $dateSubtract: { startDate: date("2020-10-31T00:00:00Z"), unit: "month", amount: 1 } },
      {},
      [date("2020-09-30T00:00:00Z"), "date"],
    ],
    // The day on which New York's clocks are put back has 25 hours.
    [
      { $dateAdd: { startDate: date("2021-11-07T04:00:00Z"), unit: "day", amount: 1, timezone: "America/New_York" } },
      {},
      [date("2021-11-08T05:00:00Z"), "date"],
    ],
    [
      { $dateDiff: { startDate: date("2020-11-01T00:00:00Z"), endDate: date("2020-11-05T23:59:59Z"), unit: "day" } },
      {},
      [4, "long"],
    ],
    [
      {
        $dateDiff: {
          startDate: date("2021-01-01T00:00:00Z"),
          endDate: date("2021-01-04T00:00:00Z"),
          unit: "week",
          startOfWeek: "monday",
        },
      },
      {},
      [1, "long"],
    ],
    [
      { $dateDiff: { startDate: date("2021-01-31T00:00:00Z"), endDate: date("2021-02-01T00:00:00Z"), unit: "month" } },
      {},
      [1, "long"],
    ],
    [{ $dateTrunc: { date: date("2021-03-20T11:30:05Z"), unit: "month" } }, {}, [date("2021-03-01T00:00:00Z"), "date"]],
    [
      { $dateTrunc: { date: date("2021-03-20T11:30:05Z"), unit: "hour", binSize: 2 } },
      {},
      [date("2021-03-20T10:00:00Z"), "date"],
    ],
    [
      {
        $dateTrunc: {
          date: date("2021-03-20T11:30:05Z"),
          unit: "week",
          startOfWeek: "Monday",
          timezone: "America/Los_Angeles",
        },
      },
      {},
      [date("2021-03-15T07:00:00Z"), "date"],
    ],
    [
      { $dateTrunc: { date: date("2021-03-20T11:30:05Z"), unit: "day", timezone: "Europe/Berlin" } },
      {},
      [date("2021-03-19T23:00:00Z"), "date"],
    ],
    [{ $add: [at, 1000] }, {}, [date("2014-01-01T08:15:40.736Z"), "date"]],
    [{ $subtract: [at, date("2014-01-01T08:15:38.736Z")] }, {}, [1000, "long"]],
    [{ $subtract: [at, 736] }, {}, [date("2014-01-01T08:15:39Z"), "date"]],
    [{ $tsSecond: { $timestamp: { t: 1622731060, i: 10 } } }, {}, [1622731060, "long"]],
  ]);
});

describe("text", () => {
  check([
    [{ $toUpper: "$a" }, { a: "abc1" }, ["ABC1", "string"]],
    [{ $toLower: 5 }, {}, ["5", "string"]],
    [{ $trim: { input: "  a b  " } }, {}, ["a b", "string"]],
    [{ $ltrim: { input: "xxya", chars: "xy" } }, {}, ["a", "string"]],
    [{ $split: ["June-15-2013", "-"] }, {}, [["June", "15", "2013"], "array"]],
    [{ $substrCP: ["éclair", 0, 3] }, {}, ["écl", "string"]],
    [{ $substrBytes: ["hello", 1, 99] }, {}, ["ello", "string"]],
    [{ $substrBytes: ["éclair", 1, 2] }, {}, expect.stringContaining("continuation byte")],
    [{ $strLenBytes: "cafétéria" }, {}, [11, "int"]],
    [{ $strLenCP: "cafétéria" }, {}, [9, "int"]],
    [{ $indexOfBytes: ["cafeteria", "e"] }, {}, [3, "int"]],
    [{ $indexOfBytes: ["cafétéria", "r"] }, {}, [8, "int"]],
    [{ $indexOfCP: ["cafétéria", "r"] }, {}, [6, "int"]],
    [{ $indexOfCP: ["foo.bar.fi", ".", 5] }, {}, [7, "int"]],
    [{ $indexOfCP: ["foo", "x"] }, {}, [-1, "int"]],
    [{ $strcasecmp: ["abc", "ABD"] }, {}, [-1, "int"]],
    [{ $replaceOne: { input: "blue blue", find: "blue", replacement: { $literal: "$&" } } }, {}, ["$& blue", "string"]],
    [{ $replaceAll: { input: "a.b.c", find: ".", replacement: "-" } }, {}, ["a-b-c", "string"]],
    [{ $regexMatch: { input: "Line one", regex: "line", options: "i" } }, {}, [true, "bool"]],
    [{ $regexFind: { input: "éa1", regex: "(a)(x)?" } }, {}, [{ match: "a", idx: 1, captures: ["a", null] }, "object"]],
    [
      { $regexFindAll: { input: "a1b2", regex: "[0-9]" } },
      {},
      [
        [
          { match: "1", idx: 1, captures: [] },
          { match: "2", idx: 3, captures: [] },
        ],
        "array",
      ],
    ],
    [{ $concat: ["$literal", "x"] }, { literal: "$a" }, ["$ax", "string"]],
    [{ $trim: { input: "$a" } }, { a: " $b " }, ["$b", "string"]],
  ]);
});

describe("lists, objects and sets", () => {
  check([
    [{ $arrayElemAt: ["$a", -1] }, { a: [1, 2, 3] }, [3, "int"]],
    [{ $arrayElemAt: ["$a", 9] }, { a: [1] }, [undefined, "missing"]],
    [{ $slice: [[1, 2, 3], 1, 1] }, {}, [[2], "array"]],
    [{ $slice: [[1, 2, 3], -2] }, {}, [[2, 3], "array"]],
    [{ $range: [0, 10, 3] }, {}, [[0, 3, 6, 9], "array"]],
    [{ $reverseArray: [[1, 2]] }, {}, [[2, 1], "array"]],
    [{ $concatArrays: [["a"], [["b"]]] }, {}, [["a", ["b"]], "array"]],
    [{ $filter: { input: "$a", as: "x", cond: { $gt: ["$$x", 1] } } }, { a: [1, 2, 3] }, [[2, 3], "array"]],
    [{ $filter: { input: [1, 2, 3], cond: { $gt: ["$$this", 1] }, limit: 1 } }, {}, [[2], "array"]],
    [{ $map: { input: "$a", as: "x", in: { $multiply: ["$$x", 2] } } }, { a: [1, 2] }, [[2, 4], "array"]],
    [
      { $reduce: { input: ["a", "b"], initialValue: "", in: { $concat: ["$$value", "$$this"] } } },
      {},
      ["ab", "string"],
    ],
    [
      { $zip: { inputs: [[1, 2], ["a"]], useLongestLength: true, defaults: [0, "z"] } },
      {},
      [
        [
          [1, "a"],
          [2, "z"],
        ],
        "array",
      ],
    ],
    [{ $in: ["abc", ["xyz", "abc"]] }, {}, [true, "bool"]],
    [{ $in: [1, [long("1")]] }, {}, [true, "bool"]],
    [{ $indexOfArray: [["a", "b", "a"], "a", 1] }, {}, [2, "int"]],
    [{ $sortArray: { input: [{ n: 2 }, { n: 1 }], sortBy: { n: 1 } } }, {}, [[{ n: 1 }, { n: 2 }], "array"]],
    [{ $sortArray: { input: [10, 9, 1], sortBy: 1 } }, {}, [[1, 9, 10], "array"]],
    [
      {
        $arrayToObject: [
          [
            ["item", "abc"],
            ["qty", 25],
          ],
        ],
      },
      {},
      [{ item: "abc", qty: 25 }, "object"],
    ],
    [{ $objectToArray: { a: 1 } }, {}, [[{ k: "a", v: 1 }], "array"]],
    [{ $firstN: { n: 2, input: [3, 2, 1] } }, {}, [[3, 2], "array"]],
    [{ $maxN: { n: 2, input: [1, null, 5, 3] } }, {}, [[5, 3], "array"]],
    [
      {
        $setUnion: [
          [1, 2],
          [long("2"), 3],
        ],
      },
      {},
      [[1, 2, 3], "array"],
    ],
    [
      {
        $setIntersection: [
          ["a", "b"],
          ["b", "a", "c"],
        ],
      },
      {},
      [["a", "b"], "array"],
    ],
    [{ $setDifference: [["a", "b"], ["a"]] }, {}, [["b"], "array"]],
    [
      {
        $setEquals: [
          ["a", "b", "a"],
          ["b", "a"],
        ],
      },
      {},
      [true, "bool"],
    ],
    [{ $setIsSubset: [["a"], ["b", "a"]] }, {}, [true, "bool"]],
    [{ $allElementsTrue: [[true, 1, "x"]] }, {}, [true, "bool"]],
    [{ $anyElementTrue: [[[], false]] }, {}, [true, "bool"]],
    [{ $bsonSize: { a: 1, b: "x" } }, {}, [21, "int"]],
    [{ $getField: "a.b" }, { "a.b": 5 }, [5, "int"]],
    [{ $setField: { field: { $literal: "$x" }, input: "$$ROOT.a", value: 1 } }, { a: {} }, [{ $x: 1 }, "object"]],
    [{ $median: { input: [1, 2, 3, 4], method: "approximate" } }, {}, [2, "double"]],
    [{ $let: { vars: { x: { $add: ["$a", 1] } }, in: { $multiply: ["$$x", 2] } } }, { a: 1 }, [4, "int"]],
    // A path goes through the documents of a list; a number in it is a name.
    ["$a.b", { a: [{ b: 1 }, { c: 2 }, 5, { b: 3 }] }, [[1, 3], "array"]],
    ["$a.0", { a: [1, 2] }, [[], "array"]],
    ["$a.$id", { a: { $ref: "items", $id: 5 } }, [5, "int"]],
    [{ $let: { vars: { größe: 2 }, in: "$$größe" } }, {}, [2, "int"]],
  ]);
});

describe("the order of values", () => {
  check([
    [{ $cmp: [1, "a"] }, {}, [-1, "int"]],
    [{ $cmp: ["a", {}] }, {}, [-1, "int"]],
    [{ $cmp: [{ $literal: {} }, []] }, {}, [-1, "int"]],
    [{ $lt: [true, date("2020-01-01T00:00:00Z")] }, {}, [true, "bool"]],
    [{ $lt: [{ $oid: "5ab9cbfa31c2ab715d42129e" }, false] }, {}, [true, "bool"]],
    [{ $eq: ["$a", "$b"] }, { a: 1, b: decimal("1.00") }, [true, "bool"]],
    [{ $eq: ["$a", "$b"] }, { a: 0.1, b: decimal("0.1") }, [false, "bool"]],
    [{ $gt: ["$a", "$b"] }, { a: long("9007199254740993"), b: 9007199254740992 }, [true, "bool"]],
    [
      {
        $eq: [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
      },
      {},
      [false, "bool"],
    ],
    [
      {
        $lt: [
          [1, 2],
          [1, 3],
        ],
      },
      {},
      [true, "bool"],
    ],
    [{ $gt: ["é", "z"] }, {}, [true, "bool"]],
    [{ $gt: ["😀", "\uffee"] }, {}, [true, "bool"]],
  ]);
});

describe("what is not computed here", () => {
  check([
    [
      { $function: { body: "function() { return 1 }", args: [], lang: "js" } },
      {},
      { untried: expect.stringContaining("no code") },
    ],
    [{ $exp: decimal("1") }, {}, { untried: "$exp of a decimal" }],
    [{ $nonsense: 1 }, {}, { untried: expect.stringContaining("$nonsense is no operator") }],
    [{ $filter: { input: [], cond: true, later: 1 } }, {}, { untried: expect.stringContaining("the argument later") }],
    [{ $meta: "textScore" }, {}, { untried: expect.stringContaining("textScore") }],
    [{ $toHashedIndexKey: 1 }, {}, { untried: expect.stringContaining("$toHashedIndexKey") }],
    [{ $regexMatch: { input: "a", regex: "a++" } }, {}, { untried: expect.stringContaining("a++") }],
    [{ $dateFromString: { dateString: "July 4th, 2018" } }, {}, { untried: expect.stringContaining("ISO 8601") }],
  ]);
});
