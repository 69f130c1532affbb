/** Every operator of expressions that the engine has, and those of MongoDB that it has not. */

import type { Surroundings } from "../operator.ts";
import { accumulatorExpressions } from "./accumulators.ts";
import { type Compiler, compilerOf, type Operators } from "./compile.ts";
import { conversionOperators } from "./conversion.ts";
import { dateOperators } from "./dates.ts";
import { listOperators } from "./lists.ts";
import { logicOperators } from "./logic.ts";
import { numberOperators } from "./numbers.ts";
import { textOperators } from "./texts.ts";

const CODE = "no code of a pipeline is evaluated here";

const operators: Operators = {
  known: {
    ...logicOperators,
    ...numberOperators,
    ...textOperators,
    ...dateOperators,
    ...listOperators,
    ...conversionOperators,
    ...accumulatorExpressions,
  },
  untried: {
    $function: `$function: ${CODE}`,
    $accumulator: `$accumulator: ${CODE}`,
    $where: `$where: ${CODE}`,
    $toHashedIndexKey: "$toHashedIndexKey is not computed here",
    $toArray: "$toArray is not computed here",
    $toObject: "$toObject is not computed here",
    $encStrStartsWith: "encrypted fields are not read here",
    $encStrEndsWith: "encrypted fields are not read here",
    $encStrContains: "encrypted fields are not read here",
    $encStrNormalizedEq: "encrypted fields are not read here",
  },
};

/** @throws {PipelineFault} for what is no expression. @throws {Untried} for what cannot be computed here. */
export const expressions: Compiler = compilerOf(operators);

/** The names of all operators that are computed here. */
export const operatorNames: readonly string[] = Object.keys(operators.known);

/** The same in a pipeline that has variables. */
export const expressionsIn = ({ variables = [] }: Pick<Surroundings, "variables">): Compiler =>
  variables.length === 0 ? expressions : expressions.with(...variables);
