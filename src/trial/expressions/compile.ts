/**
 * Makes functions of expressions: paths, variables, literals, and the operators of the table. What is no expression is
 * found before the first document.
 * @see https://www.mongodb.com/docs/manual/meta/aggregation-quick-reference/#expressions
 */
import { ExpressionFailure, PipelineFault, Untried } from "../failures.ts";
import type { Document, Message } from "../operator.ts";
import { fieldOf, isDocument, kindOf, put } from "../values/values.ts";

/** Values that an expression has names for, the innermost first. */
interface Variables {
  name: string;
  value: unknown;
  outer: Variables | undefined;
}

/** What an expression is computed in. */
export interface Scope {
  /** `$$ROOT`: the whole document. */
  root: unknown;
  /** `$$CURRENT`: what a path without a variable starts at. */
  current: unknown;
  /** What `$meta` shows. */
  meta: Document;
  variables?: Variables | undefined;
}

export type Compiled = (scope: Scope) => unknown;

export function scopeOf({ document, meta, variables }: Message): Scope {
  const scope = { root: document, current: document, meta };
  if (!variables) return scope;
  return Object.entries(variables).reduce<Scope>((around, [name, value]) => withVariable(around, name, value), scope);
}

export const withVariable = (scope: Scope, name: string, value: unknown): Scope => ({
  ...scope,
  variables: { name, value, outer: scope.variables },
});

/** What `$redact` does with a document. */
export class Redaction {
  readonly action: "KEEP" | "PRUNE" | "DESCEND";
  constructor(action: Redaction["action"]) {
    this.action = action;
  }
}

export interface Compiler {
  /** @throws {PipelineFault} for what is no expression. */
  compile(spec: unknown): Compiled;
  /** The same where expressions can use more variables. */
  with(...names: string[]): Compiler;
}

/** Makes a function of an operator's argument. */
export type ExpressionOperator = (argument: unknown, compiler: Compiler) => Compiled;

export interface Operators {
  readonly known: Readonly<Record<string, ExpressionOperator>>;
  /** Operators that MongoDB has, and why they cannot be tried. */
  readonly untried: Readonly<Record<string, string>>;
}

const constant =
  (value: unknown): Compiled =>
  () =>
    value;

export function compilerOf(operators: Operators, variables: ReadonlySet<string> = new Set()): Compiler {
  /** Each window has its pipeline made anew, of the same expressions. */
  const known = new WeakMap<object, Compiled>();
  const compiler: Compiler = {
    compile(spec) {
      if (typeof spec === "string") return spec.startsWith("$") ? compilePath(spec, variables) : constant(spec);
      if (!Array.isArray(spec) && !isDocument(spec)) return constant(spec);
      const compiled = known.get(spec) ?? compileParts(spec, compiler, operators);
      known.set(spec, compiled);
      return compiled;
    },
    with: (...names) => compilerOf(operators, new Set([...variables, ...names])),
  };
  return compiler;
}

function compileParts(spec: readonly unknown[] | Document, compiler: Compiler, operators: Operators): Compiled {
  if (isDocument(spec)) return compileObject(spec, compiler, operators);
  const items = spec.map((item) => compiler.compile(item));
  return (scope) => items.map((item) => item(scope) ?? null);
}

function compileObject(spec: Document, compiler: Compiler, operators: Operators): Compiled {
  const names = Object.keys(spec);
  const [first = ""] = names;
  const odd = names.find((name) => name.startsWith("$"));
  if (odd !== undefined) {
    if (names.length > 1)
      throw new PipelineFault(
        "an object representing an expression must have exactly one field, which is the operator",
        [odd],
      );
    return compileOperator(first, spec[first], compiler, operators);
  }
  const fields = names.map((name) => {
    if (name.includes(".")) throw new PipelineFault("FieldPath field names may not contain '.'", [name]);
    return [name, inside(name, () => compiler.compile(spec[name]))] as const;
  });
  return (scope) => {
    const document: Document = {};
    for (const [name, compute] of fields) {
      const value = compute(scope);
      if (value !== undefined) put(document, name, value);
    }
    return document;
  };
}

function compileOperator(name: string, argument: unknown, compiler: Compiler, operators: Operators): Compiled {
  const operator = Object.hasOwn(operators.known, name) ? operators.known[name] : undefined;
  if (operator) return inside(name, () => operator(argument, compiler));
  const why = Object.hasOwn(operators.untried, name) ? operators.untried[name] : undefined;
  throw new Untried(why ?? `${name} is no operator that this trial knows, and Atlas may not have it either`);
}

/** What goes wrong in `make` goes wrong at `step`. @throws {PipelineFault} */
export function inside<T>(step: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof PipelineFault) throw new PipelineFault(error.message, [step, ...error.path]);
    throw error;
  }
}

/** Names of the fields of a reference to another document. */
const REFERENCE = new Set(["$ref", "$id", "$db"]);

/** The names in a path. @throws {PipelineFault} */
export function stepsOf(path: string): string[] {
  const steps = path.split(".");
  if (steps.includes("")) throw new PipelineFault(`FieldPath field names may not be empty strings: '${path}'`);
  const odd = steps.find((step) => step.startsWith("$") && !REFERENCE.has(step));
  if (odd !== undefined) throw new PipelineFault(`FieldPath field names may not start with '$': '${path}'`);
  return steps;
}

/** Variables that streams do not have are refused by the check of the pipeline. */
const system: Readonly<Record<string, Compiled>> = {
  ROOT: ({ root }) => root,
  CURRENT: ({ current }) => current,
  REMOVE: () => undefined,
  KEEP: constant(new Redaction("KEEP")),
  PRUNE: constant(new Redaction("PRUNE")),
  DESCEND: constant(new Redaction("DESCEND")),
};

function compilePath(spec: string, variables: ReadonlySet<string>): Compiled {
  if (!spec.startsWith("$$")) {
    const steps = stepsOf(spec.slice(1));
    return ({ current }) => valueAtPath(current, steps, 0);
  }
  const [name = "", ...steps] = spec.slice(2).split(".");
  if (steps.length > 0) stepsOf(steps.join("."));
  const base = variables.has(name) ? variableNamed(name) : Object.hasOwn(system, name) ? system[name] : undefined;
  if (!base) {
    if (/^(?:NOW|CLUSTER_TIME|USER_ROLES|SEARCH_META)$/.test(name))
      throw new Untried(`Atlas Stream Processing does not support $$${name}`);
    throw new PipelineFault(`Use of undefined variable: ${name}`);
  }
  return steps.length === 0 ? base : (scope) => valueAtPath(base(scope), steps, 0);
}

const variableNamed =
  (name: string): Compiled =>
  ({ variables }) => {
    let found = variables;
    while (found && found.name !== name) found = found.outer;
    return found?.value;
  };

/** What a path leads to: through a list, to what it leads to in each document of it. */
export function valueAtPath(value: unknown, steps: readonly string[], from: number): unknown {
  let inner = value;
  for (let index = from; index < steps.length; index += 1) {
    if (Array.isArray(inner)) {
      const list: readonly unknown[] = inner;
      return list
        .filter(isDocument)
        .map((item) => valueAtPath(item, steps, index))
        .filter((item) => item !== undefined);
    }
    if (!isDocument(inner)) return undefined;
    inner = fieldOf(inner, steps[index] ?? "");
  }
  return inner;
}

/** An operator of one argument, which may stand in a list. */
export const one =
  (compute: (value: unknown, scope: Scope) => unknown): ExpressionOperator =>
  (argument, compiler) => {
    const operand = compiler.compile(onlyOne(argument));
    return (scope) => compute(operand(scope), scope);
  };

export function onlyOne(argument: unknown): unknown {
  if (!Array.isArray(argument)) return argument;
  if (argument.length !== 1) throw new PipelineFault(`takes exactly 1 argument, and has ${argument.length}`);
  return argument[0];
}

/** An operator of a list of arguments, or of one that stands alone. */
export const several =
  (least: number, most: number, compute: (values: readonly unknown[], scope: Scope) => unknown): ExpressionOperator =>
  (argument, compiler) => {
    const operands = operandsOf(argument, least, most, compiler);
    return (scope) =>
      compute(
        operands.map((operand) => operand(scope)),
        scope,
      );
  };

export function operandsOf(argument: unknown, least: number, most: number, compiler: Compiler): readonly Compiled[] {
  const list: readonly unknown[] = Array.isArray(argument) ? argument : [argument];
  if (list.length < least || list.length > most) {
    const range =
      least === most
        ? `exactly ${least}`
        : most === Number.POSITIVE_INFINITY
          ? `at least ${least}`
          : `${least} to ${most}`;
    throw new PipelineFault(`takes ${range} argument${range === "exactly 1" ? "" : "s"}, and has ${list.length}`);
  }
  return list.map((each) => compiler.compile(each));
}

/** The fields of an operator's argument that is an object. @throws {PipelineFault} where one is missing or unknown. */
export function fieldsOf(argument: unknown, needed: readonly string[], optional: readonly string[] = []): Document {
  if (!isDocument(argument))
    throw new PipelineFault(`takes an object with ${needed.join(", ")}, and has ${kindOf(argument)}`);
  const names = Object.keys(argument);
  const unknown = names.find((name) => !needed.includes(name) && !optional.includes(name));
  // A later Atlas may take it.
  if (unknown !== undefined)
    throw new Untried(`the argument ${unknown} of an operator that has ${[...needed, ...optional].join(", ")}`);
  const missing = needed.find((name) => !names.includes(name));
  if (missing !== undefined) throw new PipelineFault("is missing", [missing]);
  return argument;
}

/** The values of named arguments. */
export type Named = Readonly<Record<string, unknown>>;

/** An operator whose argument is an object. */
export const named =
  (
    needed: readonly string[],
    optional: readonly string[],
    compute: (values: Named, scope: Scope) => unknown,
  ): ExpressionOperator =>
  (argument, compiler) => {
    const fields = fieldsOf(argument, needed, optional);
    const operands = Object.keys(fields).map(
      (name) => [name, inside(name, () => compiler.compile(fields[name]))] as const,
    );
    return (scope) => compute(Object.fromEntries(operands.map(([name, operand]) => [name, operand(scope)])), scope);
  };

/** @throws {ExpressionFailure} */
export const fail = (message: string): never => {
  throw new ExpressionFailure(message);
};
