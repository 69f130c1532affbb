/** Operators of logic, comparison, choice, variables and literals, and those that only streams have. */
import { randomUUID } from "node:crypto";
import { PipelineFault, Untried } from "../failures.ts";
import { Binary, compare, fieldOf, isDocument, isNullish, truthy } from "../values/values.ts";
import {
  type Compiled,
  type ExpressionOperator,
  fail,
  fieldsOf,
  inside,
  one,
  operandsOf,
  several,
  stepsOf,
  valueAtPath,
  withVariable,
} from "./compile.ts";

const MANY = Number.POSITIVE_INFINITY;

const comparison = (holds: (order: number) => boolean): ExpressionOperator =>
  several(2, 2, ([a, b]) => holds(compare(a, b)));

const $cond: ExpressionOperator = (argument, compiler) => {
  const parts = isDocument(argument)
    ? ["if", "then", "else"].map((name) => fieldsOf(argument, ["if", "then", "else"])[name])
    : argument;
  const [condition, then, otherwise] = operandsOf(parts, 3, 3, compiler);
  return (scope) => (truthy(condition?.(scope)) ? then : otherwise)?.(scope);
};

const $switch: ExpressionOperator = (argument, compiler) => {
  const fields = fieldsOf(argument, ["branches"], ["default"]);
  const { branches } = fields;
  if (!Array.isArray(branches) || branches.length === 0)
    throw new PipelineFault("must be a list of branches", ["branches"]);
  const compiled = branches.map((branch: unknown, index) =>
    inside("branches", () =>
      inside(`${index}`, () => {
        const { case: condition, then } = fieldsOf(branch, ["case", "then"]);
        return { condition: compiler.compile(condition), value: compiler.compile(then) };
      }),
    ),
  );
  const otherwise = Object.hasOwn(fields, "default")
    ? inside("default", () => compiler.compile(fields["default"]))
    : undefined;
  return (scope) => {
    const branch = compiled.find(({ condition }) => truthy(condition(scope)));
    if (branch) return branch.value(scope);
    return otherwise
      ? otherwise(scope)
      : fail("$switch could not find a matching branch for an input, and no default was specified.");
  };
};

const $let: ExpressionOperator = (argument, compiler) => {
  const fields = fieldsOf(argument, ["vars", "in"]);
  const { vars } = fields;
  if (!isDocument(vars)) throw new PipelineFault("must be an object", ["vars"]);
  const names = Object.keys(vars);
  if (names.includes("CURRENT")) throw new Untried("$let of CURRENT");
  const odd = names.find((name) => !/^[a-z\u0080-\u{10ffff}][\w\u0080-\u{10ffff}]*$/u.test(name));
  if (odd !== undefined) throw new PipelineFault("must start with a lower-case letter", ["vars", odd]);
  const values = names.map((name) => inside("vars", () => inside(name, () => compiler.compile(vars[name]))));
  const body = inside("in", () => compiler.with(...names).compile(fields["in"]));
  return (scope) =>
    body(names.reduce((around, name, index) => withVariable(around, name, values[index]?.(scope)), scope));
};

/** `$and` stops at the first that is false, `$or` at the first that is true. */
const until =
  (stop: boolean): ExpressionOperator =>
  (argument, compiler) => {
    const operands = operandsOf(argument, 0, MANY, compiler);
    return (scope) => operands.some((operand) => truthy(operand(scope)) === stop) === stop;
  };

const $ifNull: ExpressionOperator = (argument, compiler) => {
  const operands = operandsOf(argument, 2, MANY, compiler);
  return (scope) => {
    let value: unknown;
    for (const operand of operands) {
      value = operand(scope);
      if (!isNullish(value)) break;
    }
    return value;
  };
};

/** @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-meta/ */
const $meta: ExpressionOperator = (argument) => {
  if (typeof argument !== "string" || !/^stream(?:\.|$)/.test(argument))
    throw new Untried(`$meta of ${JSON.stringify(argument)}, which is nothing of a stream`);
  const steps = argument === "stream" ? [] : stepsOf(argument.slice("stream.".length));
  return ({ meta }) =>
    // What `$setStreamMeta` was given may be one name with dots, or a path.
    steps.length === 0 ? meta : (fieldOf(meta, steps.join(".")) ?? valueAtPath(meta, steps, 0));
};

const $literal: ExpressionOperator =
  (value): Compiled =>
  () =>
    value;

export const logicOperators = {
  $and: until(false),
  $or: until(true),
  $not: one((value) => !truthy(value)),
  $cmp: several(2, 2, ([a, b]) => Math.sign(compare(a, b))),
  $eq: comparison((order) => order === 0),
  $ne: comparison((order) => order !== 0),
  $gt: comparison((order) => order > 0),
  $gte: comparison((order) => order >= 0),
  $lt: comparison((order) => order < 0),
  $lte: comparison((order) => order <= 0),
  $cond,
  $ifNull,
  $switch,
  $let,
  $literal,
  /** An older name of it. */
  $const: $literal,
  $meta,
  $currentDate: (argument): Compiled => {
    if (!isDocument(argument) || Object.keys(argument).length > 0) throw new PipelineFault("takes {}");
    return () => new Date();
  },
  $createUUID: (argument): Compiled => {
    if (!isDocument(argument) || Object.keys(argument).length > 0) throw new PipelineFault("takes {}");
    return () => new Binary(Buffer.from(randomUUID().replaceAll("-", ""), "hex"), 4);
  },
} satisfies Record<string, ExpressionOperator>;
