/**
 * Operators as mingo computes them: those that know no kinds of numbers but doubles, no order of values and no paths.
 * What they are given was computed and checked before, so mingo sees literals alone, and never code.
 * @see https://github.com/kofrasa/mingo
 */
import { Context, evalExpr, ProcessingMode } from "mingo/core";
import {
  $acos,
  $acosh,
  $asin,
  $asinh,
  $atan,
  $atan2,
  $atanh,
  $cos,
  $cosh,
  $degreesToRadians,
  $exp,
  $literal,
  $ln,
  $log,
  $log10,
  $ltrim,
  $radiansToDegrees,
  $replaceAll,
  $rtrim,
  $sin,
  $sinh,
  $split,
  $sqrt,
  $substrCP,
  $tan,
  $tanh,
  $trim,
} from "mingo/operators/expression";

const context = Context.init({
  expression: {
    $literal,
    ...{ $acos, $acosh, $asin, $asinh, $atan, $atan2, $atanh, $cos, $cosh, $degreesToRadians, $radiansToDegrees },
    ...{ $sin, $sinh, $tan, $tanh, $exp, $ln, $log, $log10, $sqrt },
    ...{ $ltrim, $rtrim, $trim, $split, $replaceAll, $substrCP },
  },
});

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

/** What mingo's operator makes of these: one value, a list of arguments, or arguments by their names. */
export const byMingo = {
  one: (operator: string, value: unknown): unknown => evalExpr(null, { [operator]: literal(value) }, options),
  list: (operator: string, values: readonly unknown[]): unknown =>
    evalExpr(null, { [operator]: values.map(literal) }, options),
  named: (operator: string, values: Readonly<Record<string, unknown>>): unknown =>
    evalExpr(
      null,
      { [operator]: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, literal(value)])) },
      options,
    ),
};
