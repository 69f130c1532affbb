/** Hostile documents and pipelines: a trial ends with a result or a refusal, and reaches no prototype. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expressions, operatorNames } from "../../src/trial/expressions/expressions.ts";
import { ExpressionFailure, PipelineFault, Untried } from "../../src/trial/failures.ts";
import { tryPipeline } from "../../src/trial/trial.ts";
import { fromJson, toJson } from "../../src/trial/values/extended-json.ts";
import { computed, outputOf, tried } from "./tried.ts";

/** As it comes over the wire, where such a name is a field like any other. */
const document = (text: string): Record<string, unknown> => JSON.parse(text);

describe("names that objects of JavaScript have", () => {
  const odd = '{ "__proto__": { "polluted": 1 }, "constructor": { "prototype": { "polluted": 1 } }, "a": 1 }';

  test("are fields like any other", () => {
    const [output] = outputOf([], [document(odd)]);
    expect(JSON.stringify(output)).toBe(JSON.stringify(document(odd)));
    const stages = [
      { $addFields: document('{ "__proto__.x": 1, "b.__proto__": 2, "constructor.prototype.y": 3 }') },
      { $project: document('{ "__proto__": 1, "b": 1, "constructor": 1 }') },
    ];
    expect(JSON.stringify(outputOf(stages, [document(odd)]))).toBe(
      '[{"__proto__":{"polluted":1,"x":1},"constructor":{"prototype":{"polluted":1,"y":3}},"b":{"__proto__":2}}]',
    );
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
    expect(Object.hasOwn(Object, "y")).toBe(false);
  });

  test.each([
    "$a.constructor",
    "$d.getTime",
    "$a.toString",
    "$l.length",
    "$__proto__",
    "$o.hex",
    "$n.isNaN",
    "$constructor.name",
    "$b.bytes.buffer",
  ])("%s leads to nothing that is not in the document", (path) => {
    const values = {
      a: {},
      d: { $date: 0 },
      l: [1],
      o: { $oid: "5ab9cbfa31c2ab715d42129e" },
      n: { $numberDecimal: "1" },
      b: { $uuid: "c8edabc3-f738-4ca3-b68d-ab92a91478a3" },
    };
    expect([
      [undefined, "missing"],
      [[], "array"],
    ]).toContainEqual(computed(path, values));
  });

  test("can be keys of groups and operators", () => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect(computed({ $getField: name })).toEqual([undefined, "missing"]);
      expect(computed({ $arrayToObject: [[[name, 1]]] })).toEqual([document(`{ "${name}": 1 }`), "object"]);
      expect(computed({ $setField: { field: name, input: {}, value: 1 } })).toEqual([
        document(`{ "${name}": 1 }`),
        "object",
      ]);
    }
    expect(tried([{ $addFields: { a: { $toString: {} } } }], [{}]).deadLetters).toHaveLength(1);
    expect(tried([{ $addFields: { a: { $constructor: 1 } } }], [{}]).untried).toHaveLength(1);
    expect(tried([{ $addFields: { a: { $__proto__: 1 } } }], [{}]).untried).toHaveLength(1);
  });
});

test("no code of a pipeline is evaluated", () => {
  const global = globalThis as { touched?: boolean };
  const code = "function() { globalThis.touched = true; return true }";
  for (const stage of [
    { $match: { $where: code } },
    { $match: { $expr: { $function: { body: code, args: [], lang: "js" } } } },
    { $addFields: { a: { $function: { body: code, args: [], lang: "js" } } } },
    {
      $tumblingWindow: {
        interval: { size: 1, unit: "second" },
        pipeline: [{ $group: { _id: null, a: { $accumulator: { init: code } } } }],
      },
    },
  ]) {
    const { untried, output } = tried([stage], [{ a: 1 }]);
    expect(untried).toMatchObject([{ why: expect.stringContaining("no code") }]);
    expect(output).toHaveLength(1);
  }
  expect(global.touched).toBeUndefined();
});

/** A value of every kind, and of most that are odd of their kind. */
const odd: readonly unknown[] = [
  ...[null, true, 0, -1, 3, 1.5, -0.5, 1e308, "", "a", "2025-01-01", "day", "UTC", "\ud800", "😀é"],
  ...[
    [],
    [null],
    [1, "a"],
    [[1, 2]],
    [["k", 1]],
    {},
    { a: 1 },
    { k: "x", v: 1 },
    { $date: { $numberLong: "8640000000000000" } },
  ],
  ...["NaN", "Infinity", "-0.0"].map(($numberDouble) => ({ $numberDouble })),
  ...["NaN", "-Infinity", "1E+6144", "1E-6176", "0.5"].map(($numberDecimal) => ({ $numberDecimal })),
  ...[
    { $numberLong: "-9223372036854775808" },
    { $numberLong: "9223372036854775807" },
    { $date: "2024-02-29T12:00:00Z" },
  ],
  ...[
    { $oid: "5ab9cbfa31c2ab715d42129e" },
    { $uuid: "c8edabc3-f738-4ca3-b68d-ab92a91478a3" },
    { $timestamp: { t: 1, i: 2 } },
  ],
  ...[{ $regularExpression: { pattern: "(a", options: "x" } }, { $regularExpression: { pattern: "a|", options: "i" } }],
  ...[{ $minKey: 1 }, { $maxKey: 1 }, { $undefined: true }, { $symbol: "s" }, { $code: "f", $scope: {} }],
];

/** What operators that take an object call their arguments. */
const argumentNames = [
  ...[
    "input n",
    "input chars",
    "input find replacement",
    "input regex options",
    "input regex",
    "date",
    "date timezone",
  ],
  ...[
    "date format timezone",
    "dateString format timezone",
    "dateString",
    "date unit",
    "date unit binSize timezone startOfWeek",
  ],
  ...[
    "startDate unit amount timezone",
    "startDate endDate unit startOfWeek",
    "year month day hour minute second millisecond",
  ],
  ...[
    "isoWeekYear isoWeek isoDayOfWeek",
    "date iso8601",
    "input to",
    "input to format byteOrder",
    "field input",
    "field input value",
  ],
].map((names) => names.split(" "));

/** The values by their names, and paths that lead to them. */
const values = Object.fromEntries(odd.map((value, index) => [`v${index}`, value]));
const path = fc.constantFrom("$missing", ...Object.keys(values).map((name) => `$${name}`));

const argument = fc.oneof(
  { weight: 4, arbitrary: path },
  { weight: 8, arbitrary: fc.array(path, { minLength: 1, maxLength: 3 }) },
  fc
    .constantFrom(...argumentNames)
    .chain((names) =>
      fc.tuple(...names.map(() => path)).map((paths) => Object.fromEntries(names.map((name, at) => [name, paths[at]]))),
    ),
  path.map((input) => ({ input, in: ["$$this"] })),
  path.map((input) => ({ input, cond: "$$this" })),
  fc
    .tuple(path, path)
    .map(([input, initialValue]) => ({ input, initialValue, in: { $concatArrays: ["$$value", ["$$this"]] } })),
  fc.tuple(path, fc.constantFrom<unknown>(1, { a: -1 })).map(([input, sortBy]) => ({ input, sortBy })),
  fc.tuple(path, path).map((inputs) => ({ inputs, useLongestLength: true })),
  path.map((input) => ({ input, method: "approximate" })),
);

const expression = fc.tuple(fc.constantFrom(...operatorNames), argument).map(([name, spec]) => ({ [name]: spec }));

test("every operator, on whatever values, gives a value or says why not", () => {
  const document = Object(fromJson(values));
  let computedOnes = 0;
  fc.assert(
    fc.property(expression, (spec) => {
      try {
        const value = expressions.compile(spec)({ root: document, current: document, meta: {} });
        toJson(value, "canonical");
        computedOnes += 1;
      } catch (error) {
        const isKnown = [ExpressionFailure, Untried, PipelineFault].some((kind) => error instanceof kind);
        if (!isKnown) throw error;
      }
    }),
    { numRuns: 8_000 },
  );
  expect(computedOnes).toBeGreaterThan(500);
});

const hostile = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("$a", "$$ROOT", "$$this", "$", "$$", "$a.", "$.a", "$$REMOVE", "", "x", "__proto__", "$a.b.c"),
    fc.constantFrom(0, -1, 1.5, 1e308, null, true, -0),
    fc.constantFrom(
      { $numberLong: "-9223372036854775808" },
      { $numberDecimal: "NaN" },
      { $date: { $numberLong: "8640000000000001" } },
    ),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.constantFrom(
        ..."a b __proto__ constructor $add $divide $multiply $map $reduce $filter input in initialValue as cond $let vars $cond if else".split(
          " ",
        ),
        ..."$switch branches case default $dateTrunc date unit $range $slice $regexMatch regex $convert to $group _id $sum $push $first".split(
          " ",
        ),
        ..."$sortArray sortBy $zip inputs $arrayElemAt $toDate $dateFromString dateString format $pow $round $mergeObjects $objectToArray".split(
          " ",
        ),
        ..."$in $eq $gt $elemMatch $all $size $type $not $or $and $mod $expr $unwind path $literal $setField field value $meta $percentile p".split(
          " ",
        ),
      ),
      tie("value"),
      { maxKeys: 3 },
    ),
  ),
}));

const names =
  "$match $addFields $project $unset $replaceRoot $replaceWith $unwind $redact $tumblingWindow $hoppingWindow $sessionWindow $validate $lookup $https $setStreamMeta $group $merge $emit";

test("whatever is drawn, a trial ends with a result or a refusal", () => {
  const drawn = fc
    .tuple(fc.constantFrom(...names.split(" ")), hostile["value"])
    .map(([name, body]) => ({ [name]: body }));
  const inWindow = fc.record({
    _id: fc.oneof(expression, path),
    a: fc.record({ $push: expression }),
    b: fc.record({ $max: path }),
  });
  const plausible = fc.oneof(
    expression.map((c) => ({ $addFields: { c, "v1.d": c } })),
    expression.map((c) => ({ $project: { v1: 1, v30: 1, c } })),
    expression.map(($expr) => ({ $match: { $expr } })),
    path.map((field) => ({ $unwind: field })),
    inWindow.map(($group) => ({ $tumblingWindow: { interval: { size: 1, unit: "second" }, pipeline: [{ $group }] } })),
  );
  const stage = fc.oneof({ weight: 1, arbitrary: drawn }, { weight: 9, arbitrary: plausible });
  const anything = fc.dictionary(fc.constantFrom("a", "b", "__proto__", "c"), hostile["value"], { maxKeys: 3 });
  const body = fc.oneof(anything, fc.constant(values));
  fc.assert(
    fc.property(
      fc.array(stage, { minLength: 1, maxLength: 4 }),
      fc.array(body, { minLength: 1, maxLength: 5 }),
      (stages, documents) => {
        const pipeline = [{ $source: { connectionName: "kafka", topic: "t" } }, ...stages];
        const result = tryPipeline({ pipeline, documents, dlq: true });
        expect(JSON.parse(JSON.stringify(result))).toBeTruthy();
      },
    ),
    { numRuns: 1_500 },
  );
});
