/**
 * Operators of text as mingo computes them: those in which it does as MongoDB does once what they are given was computed
 * and checked. Numbers, dates, comparisons, lists and paths are in it as JavaScript has them, and not as BSON, so the
 * others are the engine's own. It sees literals alone, and never code.
 * @see https://github.com/kofrasa/mingo
 */
import { Context, evalExpr, ProcessingMode } from "mingo/core";
import { $literal, $ltrim, $replaceAll, $rtrim, $split, $substrCP, $trim } from "mingo/operators/expression";

const context = Context.init({ expression: { $literal, $ltrim, $replaceAll, $rtrim, $split, $substrCP, $trim } });

const options = {
  idKey: "_id",
  processingMode: ProcessingMode.CLONE_OFF,
  scriptEnabled: false,
  useStrictMode: true,
  failOnError: true,
  context,
};

/** A value that mingo takes as it is, though it may look like a path. */
const literal = (value: unknown) => ({ $literal: value });

/** What mingo's operator makes of a list of arguments, or of arguments by their names. */
export const byMingo = {
  list: (operator: string, values: readonly unknown[]): unknown =>
    evalExpr(null, { [operator]: values.map(literal) }, options),
  named: (operator: string, values: Readonly<Record<string, unknown>>): unknown =>
    evalExpr(
      null,
      { [operator]: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, literal(value)])) },
      options,
    ),
};
