/** Operators of lists, sets and objects. */
import { PipelineFault } from "../failures.ts";
import type { Document } from "../operator.ts";
import { bsonSize } from "../values/bson-size.ts";
import { checkItems } from "../values/size.ts";
import {
  compare,
  fieldOf,
  isDocument,
  isEqual,
  isNullish,
  keyOf,
  kindOf,
  put,
  truthy,
  wholeOf,
} from "../values/values.ts";
import {
  type Compiled,
  type ExpressionOperator,
  fail,
  fieldsOf,
  inside,
  named,
  one,
  onlyOne,
  several,
  withVariable,
} from "./compile.ts";
import { compareBy } from "./order.ts";

const MANY = Number.POSITIVE_INFINITY;

type List = readonly unknown[];

const isList = (value: unknown): value is List => Array.isArray(value);

/** @throws {ExpressionFailure} */
const listOr = (value: unknown, message: string): List => (isList(value) ? value : fail(message));

/** A name for each item of a list. @throws {PipelineFault} */
function nameIn(as: unknown, byDefault: string): string {
  if (as === undefined) return byDefault;
  if (typeof as !== "string" || !/^[a-z\u0080-\u{10ffff}][\w\u0080-\u{10ffff}]*$/u.test(as))
    throw new PipelineFault("must be the name of a variable, which starts with a lower-case letter", ["as"]);
  return as;
}

const $map: ExpressionOperator = (argument, compiler) => {
  const fields = fieldsOf(argument, ["input", "in"], ["as", "arrayIndexAs"]);
  const [name, index] = [nameIn(fields["as"], "this"), fields["arrayIndexAs"]];
  const indexName = index === undefined ? undefined : nameIn(index, "");
  const input = inside("input", () => compiler.compile(fields["input"]));
  const each = inside("in", () =>
    compiler.with(name, ...(indexName === undefined ? [] : [indexName])).compile(fields["in"]),
  );
  return (scope) => {
    const list = input(scope);
    if (isNullish(list)) return null;
    return listOr(list, `input to $map must be an array not ${kindOf(list)}`).map((item, at) => {
      const around = withVariable(scope, name, item);
      return each(indexName === undefined ? around : withVariable(around, indexName, at)) ?? null;
    });
  };
};

const $filter: ExpressionOperator = (argument, compiler) => {
  const fields = fieldsOf(argument, ["input", "cond"], ["as", "limit"]);
  const name = nameIn(fields["as"], "this");
  const input = inside("input", () => compiler.compile(fields["input"]));
  const condition = inside("cond", () => compiler.with(name).compile(fields["cond"]));
  const limit = fields["limit"] === undefined ? undefined : inside("limit", () => compiler.compile(fields["limit"]));
  return (scope) => {
    const list = input(scope);
    if (isNullish(list)) return null;
    const items = listOr(list, `input to $filter must be an array not ${kindOf(list)}`);
    const most = limit?.(scope);
    const count = isNullish(most) ? MANY : wholeOf(most);
    if (count === undefined || count < 1) return fail("$filter: limit must be greater than 0");
    const kept: unknown[] = [];
    for (const item of items) {
      if (kept.length === count) break;
      if (truthy(condition(withVariable(scope, name, item)))) kept.push(item);
    }
    return kept;
  };
};

const $reduce: ExpressionOperator = (argument, compiler) => {
  const fields = fieldsOf(argument, ["input", "initialValue", "in"]);
  const input = inside("input", () => compiler.compile(fields["input"]));
  const start = inside("initialValue", () => compiler.compile(fields["initialValue"]));
  const step = inside("in", () => compiler.with("this", "value").compile(fields["in"]));
  return (scope) => {
    const list = input(scope);
    if (isNullish(list)) return null;
    const items = listOr(list, `$reduce requires that 'input' be an array, found: ${kindOf(list)}`);
    return items.reduce(
      (value, item) => step(withVariable(withVariable(scope, "this", item), "value", value)),
      start(scope),
    );
  };
};

const elementAt = ([list, index]: List): unknown => {
  if (isNullish(list) || isNullish(index)) return null;
  const items = listOr(list, `$arrayElemAt's first argument must be an array, but is ${kindOf(list)}`);
  const at = wholeOf(index);
  if (at === undefined)
    return fail(`$arrayElemAt's second argument must be representable as a 32-bit integer: ${String(index)}`);
  return items.at(at);
};

const atEnd = (operator: string, index: number): ExpressionOperator =>
  one((list) => {
    if (isNullish(list)) return null;
    return listOr(list, `${operator}'s argument must be an array, but is ${kindOf(list)}`).at(index);
  });

const someOf = (operator: string, take: (items: List, n: number) => List): ExpressionOperator =>
  named(["n", "input"], [], ({ n, input }) => {
    const count = wholeOf(n);
    if (count === undefined || count < 1) return fail(`'n' must be greater than 0, found ${String(n)}`);
    return take(listOr(input, `${operator} needs 'input' to be an array, found: ${kindOf(input)}`), count);
  });

const $slice = several(2, 3, ([list, first, second]) => {
  if (isNullish(list) || isNullish(first) || second === null) return null;
  const items = listOr(list, `First argument to $slice must be an array, but is of type: ${kindOf(list)}`);
  const [from, count] = [wholeOf(first), second === undefined ? undefined : wholeOf(second)];
  if (from === undefined || (second !== undefined && count === undefined))
    return fail("arguments to $slice must be representable as 32-bit integers");
  if (count === undefined) return from < 0 ? items.slice(from) : items.slice(0, from);
  if (count < 1) return fail(`Third argument to $slice must be positive: ${count}`);
  const start = from < 0 ? Math.max(items.length + from, 0) : from;
  return items.slice(start, start + count);
});

const $range = several(2, 3, ([first, last, by = 1]) => {
  const [start, end, step] = [wholeOf(first), wholeOf(last), wholeOf(by)];
  if (start === undefined || end === undefined || step === undefined)
    return fail("$range requires whole numbers that have 32 bits");
  if (step === 0) return fail("$range requires a non-zero step value");
  const count = Math.max(Math.ceil((end - start) / step), 0);
  checkItems(count);
  return Array.from({ length: count }, (_, index) => start + index * step);
});

const $zip: ExpressionOperator = (argument, compiler) => {
  const fields = fieldsOf(argument, ["inputs"], ["useLongestLength", "defaults"]);
  const isLongest = fields["useLongestLength"] === true;
  if (fields["defaults"] !== undefined && !isLongest)
    throw new PipelineFault("needs useLongestLength: true", ["defaults"]);
  const inputs = inside("inputs", () => compiler.compile(fields["inputs"]));
  const defaults = inside("defaults", () => compiler.compile(fields["defaults"]));
  return (scope) => {
    const lists = listOr(inputs(scope), "inputs must be an array of expressions");
    const others = defaults(scope);
    if (lists.some(isNullish)) return null;
    const columns = lists.map((list) => listOr(list, `$zip found a non-array expression in input: ${kindOf(list)}`));
    const lengths = columns.map(({ length }) => length);
    const length = columns.length === 0 ? 0 : isLongest ? Math.max(...lengths) : Math.min(...lengths);
    return Array.from({ length }, (_, row) =>
      columns.map((column, index) =>
        row < column.length ? (column[row] ?? null) : isList(others) ? (others[index] ?? null) : null,
      ),
    );
  };
};

const $sortArray: ExpressionOperator = (argument, compiler) => {
  const fields = fieldsOf(argument, ["input", "sortBy"]);
  const input = inside("input", () => compiler.compile(fields["input"]));
  const { sortBy } = fields;
  const direction = wholeOf(sortBy);
  if (!isDocument(sortBy) && direction !== 1 && direction !== -1)
    throw new PipelineFault("must be 1, -1 or an object", ["sortBy"]);
  const order = isDocument(sortBy)
    ? inside("sortBy", () => compareBy(sortBy))
    : (a: unknown, b: unknown) => (direction ?? 1) * compare(a, b);
  return (scope) => {
    const list = input(scope);
    if (isNullish(list)) return null;
    return [
      ...listOr(list, `The input argument to $sortArray must be an array, but was of type: ${kindOf(list)}`),
    ].sort(order);
  };
};

const indexOf = ([list, search, from, to]: List): unknown => {
  if (isNullish(list)) return null;
  const items = listOr(list, `$indexOfArray requires an array as a first argument, found: ${kindOf(list)}`);
  const [start, end] = [from === undefined ? 0 : wholeOf(from), to === undefined ? items.length : wholeOf(to)];
  if (start === undefined || end === undefined || start < 0 || end < 0)
    return fail("$indexOfArray requires nonnegative whole numbers as indexes");
  const at = items.slice(0, end).findIndex((item, index) => index >= start && isEqual(item, search));
  return at;
};

/** The items of sets, each once, in the order in which they come. */
export function distinct(items: Iterable<unknown>): unknown[] {
  const byKey = new Map<string, unknown>();
  for (const item of items) {
    const key = keyOf(item);
    if (!byKey.has(key)) byKey.set(key, item);
  }
  return [...byKey.values()];
}

const keysOf = (list: List) => new Set(list.map(keyOf));

const setsOr = (operator: string, values: List): readonly List[] =>
  values.map((value) =>
    listOr(value, `All operands of ${operator} must be arrays. One argument is of type: ${kindOf(value)}`),
  );

const pairs = ([a, b]: List, operator: string): [List, List] => {
  const [one, other] = setsOr(operator, [a, b]);
  return [one ?? [], other ?? []];
};

const allOf = (lists: readonly List[]): unknown[] => {
  checkItems(lists.reduce((sum, { length }) => sum + length, 0));
  return lists.flat(1);
};

const setOperators = {
  $setUnion: several(0, MANY, (values) =>
    values.some(isNullish) ? null : distinct(allOf(setsOr("$setUnion", values))),
  ),
  $setIntersection: several(0, MANY, (values) => {
    if (values.some(isNullish)) return null;
    const [first = [], ...others] = setsOr("$setIntersection", values);
    const keys = others.map(keysOf);
    return distinct(first).filter((item) => keys.every((each) => each.has(keyOf(item))));
  }),
  $setDifference: several(2, 2, (values) => {
    if (values.some(isNullish)) return null;
    const [one, other] = pairs(values, "$setDifference");
    const keys = keysOf(other);
    return distinct(one).filter((item) => !keys.has(keyOf(item)));
  }),
  $setEquals: several(2, MANY, (values) => {
    const [first = new Set<string>(), ...others] = setsOr("$setEquals", values).map(keysOf);
    return others.every((each) => each.size === first.size && [...each].every((key) => first.has(key)));
  }),
  $setIsSubset: several(2, 2, (values) => {
    const [one, other] = pairs(values, "$setIsSubset");
    const keys = keysOf(other);
    return one.every((item) => keys.has(keyOf(item)));
  }),
  $allElementsTrue: several(1, 1, ([list]) =>
    listOr(list, `$allElementsTrue's argument must be an array, but is ${kindOf(list)}`).every(truthy),
  ),
  $anyElementTrue: several(1, 1, ([list]) =>
    listOr(list, `$anyElementTrue's argument must be an array, but is ${kindOf(list)}`).some(truthy),
  ),
} satisfies Record<string, ExpressionOperator>;

function toObject(value: unknown): unknown {
  if (isNullish(value)) return null;
  const items = listOr(value, `$arrayToObject requires an array input, found: ${kindOf(value)}`);
  const document: Document = {};
  for (const item of items) {
    const isPair = isList(item) && item.length === 2;
    const [key, inner] = isPair
      ? item
      : isDocument(item) && Object.keys(item).sort().join() === "k,v"
        ? [item["k"], item["v"]]
        : [];
    if (typeof key !== "string")
      return fail(
        "$arrayToObject requires an array of key-value pairs, where the key is a string: [[k, v], …] or [{k, v}, …]",
      );
    put(document, key, inner ?? null);
  }
  return document;
}

/** Documents into one, in which the last of the same name counts. */
export function merged(documents: Iterable<unknown>): Document {
  const whole: Document = {};
  for (const document of documents) {
    if (isNullish(document)) continue;
    if (!isDocument(document))
      return fail(`$mergeObjects requires object inputs, but an input is of type ${kindOf(document)}`);
    for (const [name, value] of Object.entries(document)) put(whole, name, value);
  }
  return whole;
}

/** The name of a field that may be in any form, as `$getField` takes it. */
const fieldNamed = (field: unknown, operator: string): string =>
  typeof field === "string"
    ? field
    : fail(`${operator} requires 'field' to evaluate to type String, but got ${kindOf(field)}`);

const $getField: ExpressionOperator = (argument, compiler) => {
  const isNamed = isDocument(argument) && Object.hasOwn(argument, "field");
  const fields = isNamed ? fieldsOf(argument, ["field"], ["input"]) : { field: argument };
  const field = inside("field", () => compiler.compile(fields["field"]));
  const hasInput = Object.hasOwn(fields, "input");
  const input: Compiled = hasInput
    ? inside("input", () => compiler.compile(fields["input"]))
    : ({ current }) => current;
  return (scope) => {
    const name = fieldNamed(field(scope), "$getField");
    const document = input(scope);
    return isDocument(document) ? fieldOf(document, name) : document === null ? null : undefined;
  };
};

const setting =
  (operator: string, needsValue: boolean): ExpressionOperator =>
  (argument, compiler) => {
    const fields = fieldsOf(argument, ["field", "input", ...(needsValue ? ["value"] : [])]);
    const [field, input, value] = ["field", "input", "value"].map((name) =>
      inside(name, () => compiler.compile(fields[name])),
    );
    return (scope) => {
      const document = input?.(scope);
      if (isNullish(document)) return null;
      if (!isDocument(document)) return fail(`${operator} requires 'input' to evaluate to type Object`);
      const name = fieldNamed(field?.(scope), operator);
      const inner = needsValue ? value?.(scope) : undefined;
      const changed = { ...document };
      if (inner === undefined) delete changed[name];
      else put(changed, name, inner);
      return changed;
    };
  };

export const listOperators = {
  ...setOperators,
  $map,
  $filter,
  $reduce,
  $slice,
  $range,
  $zip,
  $sortArray,
  $arrayElemAt: several(2, 2, elementAt),
  $first: atEnd("$first", 0),
  $last: atEnd("$last", -1),
  $firstN: someOf("$firstN", (items, n) => items.slice(0, n)),
  $lastN: someOf("$lastN", (items, n) => items.slice(-n)),
  $maxN: someOf("$maxN", (items, n) =>
    items
      .filter((item) => !isNullish(item))
      .sort((a, b) => compare(b, a))
      .slice(0, n),
  ),
  $minN: someOf("$minN", (items, n) =>
    items
      .filter((item) => !isNullish(item))
      .sort(compare)
      .slice(0, n),
  ),
  $concatArrays: several(0, MANY, (values) => {
    if (values.some(isNullish)) return null;
    const odd = values.find((value) => !isList(value));
    checkItems(values.reduce<number>((sum, value) => sum + (isList(value) ? value.length : 0), 0));
    return odd === undefined ? values.flat(1) : fail(`$concatArrays only supports arrays, not ${kindOf(odd)}`);
  }),
  $reverseArray: one((list) =>
    isNullish(list)
      ? null
      : [...listOr(list, `The argument to $reverseArray must be an array, but was of type: ${kindOf(list)}`)].reverse(),
  ),
  $size: one((list) => listOr(list, `The argument to $size must be an array, but was of type: ${kindOf(list)}`).length),
  $isArray: several(1, 1, ([value]) => isList(value)),
  $in: several(2, 2, ([value, list]) =>
    listOr(list, `$in requires an array as a second argument, found: ${kindOf(list)}`).some((item) =>
      isEqual(item, value),
    ),
  ),
  $indexOfArray: several(2, 4, indexOf),
  $arrayToObject: (argument, compiler) => {
    const operand = compiler.compile(isList(argument) && argument.length === 1 ? onlyOne(argument) : argument);
    return (scope) => toObject(operand(scope));
  },
  $objectToArray: one((value) => {
    if (isNullish(value)) return null;
    if (!isDocument(value)) return fail(`$objectToArray requires a document input, found: ${kindOf(value)}`);
    return Object.entries(value).map(([k, v]) => ({ k, v }));
  }),
  // A list that is the only argument is a list of what to merge, as it is for $sum.
  $mergeObjects: several(0, MANY, (values) => merged(values.length === 1 && isList(values[0]) ? values[0] : values)),
  $bsonSize: one((value) => {
    if (isNullish(value)) return null;
    return isDocument(value) ? bsonSize(value) : fail(`$bsonSize requires a document input, found: ${kindOf(value)}`);
  }),
  $getField,
  $setField: setting("$setField", true),
  $unsetField: setting("$unsetField", false),
} satisfies Record<string, ExpressionOperator>;
