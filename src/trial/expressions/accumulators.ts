/**
 * What `$group` accumulates; some are expressions of lists too.
 * @see https://www.mongodb.com/docs/manual/reference/operator/aggregation/group/#accumulator-operator
 */
import { PipelineFault, Untried } from "../failures.ts";
import { Total } from "../values/arithmetic.ts";
import { checkItems } from "../values/size.ts";
import {
  compare,
  double,
  isDocument,
  isNullish,
  isNumeric,
  keyOf,
  kindOf,
  toNumber,
  wholeOf,
} from "../values/values.ts";
import { type Compiled, type Compiler, type ExpressionOperator, fail, fieldsOf, inside } from "./compile.ts";
import { distinct, merged } from "./lists.ts";
import { compareBy } from "./order.ts";

/** What has come of the values of a group so far. */
export interface Accumulator {
  add(value: unknown): void;
  result(): unknown;
}

/** What to compute of each document, and where that goes. */
export interface Accumulation {
  value: Compiled;
  start(): Accumulator;
}

/** @throws {PipelineFault} for an argument that it does not take. */
export type MakeAccumulation = (argument: unknown, compiler: Compiler) => Accumulation;

const simple =
  (start: () => Accumulator): MakeAccumulation =>
  (argument, compiler) => {
    const only: unknown = Array.isArray(argument) && argument.length === 1 ? argument[0] : argument;
    return { value: compiler.compile(only), start };
  };

/** Keeps the values that count, and makes the result of them at the end. */
const ofValues = (counts: (value: unknown) => boolean, finish: (values: unknown[]) => unknown) => (): Accumulator => {
  const values: unknown[] = [];
  return {
    add: (value) => {
      if (counts(value)) values.push(value);
      checkItems(values.length);
    },
    result: () => finish(values),
  };
};

const isThere = (value: unknown) => value !== undefined;
const isFilled = (value: unknown) => !isNullish(value);

const total = (finish: (total: Total) => unknown) => (): Accumulator => {
  const sum = new Total();
  return {
    add: (value) => {
      if (isNumeric(value)) sum.add(value);
    },
    result: () => finish(sum),
  };
};

const best = (sign: 1 | -1) => (): Accumulator => {
  let found: unknown = null;
  return {
    add: (value) => {
      if (isFilled(value) && (found === null || sign * compare(value, found) > 0)) found = value;
    },
    result: () => found,
  };
};

/** Welford's, so that large numbers close to each other keep their difference. */
const deviation = (isSample: boolean) => (): Accumulator => {
  let [count, mean, squares] = [0, 0, 0];
  return {
    add: (value) => {
      if (!isNumeric(value)) return;
      const number = toNumber(value);
      count += 1;
      const off = number - mean;
      mean += off / count;
      squares += off * (number - mean);
    },
    result: () => {
      const by = isSample ? count - 1 : count;
      return by < 1 ? null : double(Math.sqrt(squares / by));
    },
  };
};

/** A number that is no document's. @throws {Untried} for one that is computed. */
function countIn(n: unknown): number {
  const count = wholeOf(n);
  if (count === undefined && isDocument(n)) throw new Untried("an n that is computed");
  if (count === undefined || count < 1) throw new PipelineFault("must be a whole number from 1 on", ["n"]);
  return count;
}

const several =
  (keep: (values: unknown[], n: number) => unknown[], counts: (value: unknown) => boolean): MakeAccumulation =>
  (argument, compiler) => {
    const { input, n } = fieldsOf(argument, ["input", "n"]);
    const count = countIn(n);
    return {
      value: inside("input", () => compiler.compile(input)),
      start: ofValues(counts, (values) => keep(values, count).map((value) => value ?? null)),
    };
  };

/** `$top` and its like: the output of the documents that come first in an order. */
const ranked =
  (sign: 1 | -1, hasCount: boolean): MakeAccumulation =>
  (argument, compiler) => {
    const { sortBy, output, n = 1 } = fieldsOf(argument, ["sortBy", "output", ...(hasCount ? ["n"] : [])]);
    const count = countIn(n);
    if (!isDocument(sortBy)) throw new PipelineFault("must be an object", ["sortBy"]);
    const order = inside("sortBy", () => compareBy(sortBy));
    const compute = inside("output", () => compiler.compile(output));
    return {
      value: (scope) => ({ root: scope.root, output: compute(scope) ?? null }),
      start: ofValues(isThere, (values) => {
        const sorted = values
          .flatMap((value) => (isDocument(value) ? [value] : []))
          .sort((a, b) => order(a["root"], b["root"]));
        const kept = sign === 1 ? sorted.slice(0, count) : sorted.slice(-count);
        return hasCount ? kept.map(({ output }) => output) : (kept[0]?.["output"] ?? null);
      }),
    };
  };

/** The number at a share of sorted numbers: one of them, but for the method `continuous`. */
function atShare(sorted: readonly number[], share: number, method: string): number {
  if (method === "continuous") {
    const at = share * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0];
    return low + (high - low) * (at - Math.floor(at));
  }
  return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? 0;
}

const percentiles =
  (isMedian: boolean): MakeAccumulation =>
  (argument, compiler) => {
    const { input, p, method } = fieldsOf(argument, ["input", "method", ...(isMedian ? [] : ["p"])]);
    if (typeof method !== "string" || !["approximate", "discrete", "continuous"].includes(method))
      throw new PipelineFault("must be approximate", ["method"]);
    const shares = isMedian
      ? [0.5]
      : Array.isArray(p)
        ? p.map((share) => (isNumeric(share) ? toNumber(share) : Number.NaN))
        : [];
    if (!isMedian && !Array.isArray(p)) throw new Untried("a p that is computed");
    if (shares.length === 0 || !shares.every((share) => share >= 0 && share <= 1))
      throw new PipelineFault("must be a list of numbers from 0 to 1", ["p"]);
    return {
      value: inside("input", () => compiler.compile(input)),
      start: ofValues(isNumeric, (values) => {
        const sorted = values.flatMap((value) => (isNumeric(value) ? [toNumber(value)] : [])).sort((a, b) => a - b);
        const found = shares.map((share) => (sorted.length === 0 ? null : double(atShare(sorted, share, method))));
        return isMedian ? found[0] : sorted.length === 0 ? shares.map(() => null) : found;
      }),
    };
  };

/** Of lists alone; what is none fails on its own document, and not on the group. */
const ofLists =
  (operator: string, finish: (items: unknown[]) => unknown): MakeAccumulation =>
  (argument, compiler) => {
    const compute = compiler.compile(argument);
    return {
      value: (scope) => {
        const value = compute(scope);
        return isNullish(value) || Array.isArray(value)
          ? value
          : fail(`${operator} requires array inputs, but found ${kindOf(value)}`);
      },
      start: ofValues(isFilled, (values) => {
        checkItems(values.reduce<number>((sum, value) => sum + (Array.isArray(value) ? value.length : 0), 0));
        return finish(values.flat(1));
      }),
    };
  };

const plain: Readonly<Record<string, () => Accumulator>> = {
  $sum: total((sum) => sum.value),
  $avg: total((sum) => sum.average),
  $max: best(1),
  $min: best(-1),
  $stdDevPop: deviation(false),
  $stdDevSamp: deviation(true),
};

const $count: MakeAccumulation = (argument) => {
  if (!isDocument(argument) || Object.keys(argument).length > 0) throw new PipelineFault("takes {}");
  return { value: () => 1, start: total((sum) => sum.value) };
};

export const accumulations: Readonly<Record<string, MakeAccumulation>> = {
  ...Object.fromEntries(Object.entries(plain).map(([name, start]) => [name, simple(start)])),
  $count,
  $first: simple(() => {
    let [found, isEmpty]: [unknown, boolean] = [null, true];
    return {
      add: (value) => {
        if (isEmpty) [found, isEmpty] = [value ?? null, false];
      },
      result: () => found,
    };
  }),
  $last: simple(() => {
    let found: unknown = null;
    return {
      add: (value) => {
        found = value ?? null;
      },
      result: () => found,
    };
  }),
  $push: (argument, compiler) => ({ value: compiler.compile(argument), start: ofValues(isThere, (values) => values) }),
  $addToSet: (argument, compiler) => ({
    value: compiler.compile(argument),
    start: () => {
      const found = new Map<string, unknown>();
      return {
        add: (value) => {
          const key = keyOf(value);
          if (isThere(value) && !found.has(key)) found.set(key, value);
          checkItems(found.size);
        },
        result: () => [...found.values()],
      };
    },
  }),
  $mergeObjects: (argument, compiler) => {
    const compute = compiler.compile(argument);
    return {
      // What is no object fails on its own document, and not on the group.
      value: (scope) => merged([compute(scope)]),
      start: ofValues(isFilled, merged),
    };
  },
  $firstN: several(
    (values, n) => values.slice(0, n),
    () => true,
  ),
  $lastN: several(
    (values, n) => values.slice(-n),
    () => true,
  ),
  $minN: several((values, n) => values.sort(compare).slice(0, n), isFilled),
  $maxN: several((values, n) => values.sort((a, b) => compare(b, a)).slice(0, n), isFilled),
  $top: ranked(1, false),
  $topN: ranked(1, true),
  $bottom: ranked(-1, false),
  $bottomN: ranked(-1, true),
  $median: percentiles(true),
  $percentile: percentiles(false),
  $concatArrays: ofLists("$concatArrays", (items) => items),
  $setUnion: ofLists("$setUnion", distinct),
};

/** `$sum` and its like as expressions: of a list of arguments, or of one that is a list. */
const asExpression =
  (start: () => Accumulator): ExpressionOperator =>
  (argument, compiler) => {
    const list: readonly unknown[] = Array.isArray(argument) ? argument : [argument];
    const operands = list.map((each) => compiler.compile(each));
    return (scope) => {
      const values = operands.map((operand) => operand(scope));
      const only: unknown = values[0];
      const accumulator = start();
      for (const value of values.length === 1 && Array.isArray(only) ? only : values) accumulator.add(value);
      return accumulator.result();
    };
  };

const percentileExpression =
  (isMedian: boolean): ExpressionOperator =>
  (argument, compiler) => {
    const { value, start } = percentiles(isMedian)(argument, compiler);
    return (scope) => {
      const input = value(scope);
      const accumulator = start();
      for (const each of Array.isArray(input) ? input : [input]) accumulator.add(each);
      return accumulator.result();
    };
  };

export const accumulatorExpressions: Readonly<Record<string, ExpressionOperator>> = {
  ...Object.fromEntries(Object.entries(plain).map(([name, start]) => [name, asExpression(start)])),
  $median: percentileExpression(true),
  $percentile: percentileExpression(false),
};
