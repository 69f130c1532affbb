/** Stages of MongoDB that work on each document by itself. */
import {
  type Compiled,
  type Compiler,
  inside,
  Redaction,
  type Scope,
  scopeOf,
  stepsOf,
} from "../expressions/compile.ts";
import { expressionsIn } from "../expressions/expressions.ts";
import { ExpressionFailure, PipelineFault } from "../failures.ts";
import type { Document, MakeOperator, Operator } from "../operator.ts";
import { isDocument, isNullish, kindOf, put } from "../values/values.ts";
import { fieldAt, withField } from "./fields.ts";
import { addition, type Projection, projection, removal } from "./projection.ts";

/** A stage that makes one document of each. */
const each = (change: (document: Document, scope: Scope) => Document): Operator => ({
  push: (message, out) => out.emit({ ...message, document: change(message.document, scopeOf(message)) }),
});

const projecting =
  (make: (body: unknown, expressions: Compiler) => Projection): MakeOperator =>
  (body, surroundings) =>
    each(make(body, expressionsIn(surroundings)));

const $match: MakeOperator = (body, { query }) => {
  const matches = query(body);
  return {
    push(message, out) {
      if (matches(message)) out.emit(message);
    },
  };
};

const replacing = (newRoot: Compiled): Operator =>
  each((_, scope) => {
    const root = newRoot(scope);
    if (isDocument(root)) return root;
    throw new ExpressionFailure(
      `'newRoot' expression must evaluate to an object, but resulting value was of type ${kindOf(root)}`,
    );
  });

const $replaceRoot: MakeOperator = (body, surroundings) => {
  if (!isDocument(body) || !Object.hasOwn(body, "newRoot")) throw new PipelineFault("needs newRoot", ["newRoot"]);
  return replacing(inside("newRoot", () => expressionsIn(surroundings).compile(body["newRoot"])));
};

function redacted(value: unknown, action: Compiled, scope: Scope): unknown {
  if (Array.isArray(value))
    return value.map((item: unknown) => redacted(item, action, scope)).filter((item) => item !== undefined);
  if (!isDocument(value)) return value;
  const decided = action({ ...scope, current: value });
  if (!(decided instanceof Redaction))
    throw new ExpressionFailure(
      `$redact must evaluate to $$KEEP, $$PRUNE or $$DESCEND, and was of type ${kindOf(decided)}`,
    );
  if (decided.action === "KEEP") return value;
  if (decided.action === "PRUNE") return undefined;
  const left: Document = {};
  for (const [name, inner] of Object.entries(value)) {
    const kept = redacted(inner, action, scope);
    if (kept !== undefined) put(left, name, kept);
  }
  return left;
}

const $redact: MakeOperator = (body, surroundings) => {
  const action = expressionsIn(surroundings).compile(body);
  return {
    push(message, out) {
      const document = redacted(message.document, action, scopeOf(message));
      if (isDocument(document)) out.emit({ ...message, document });
    },
  };
};

const $unwind: MakeOperator = (body) => {
  const {
    path,
    includeArrayIndex,
    preserveNullAndEmptyArrays = false,
  }: Document = isDocument(body) ? body : { path: body };
  if (typeof path !== "string" || !/^\$[^$]/.test(path))
    throw new PipelineFault("must be a path that starts with $", ["path"]);
  if (includeArrayIndex !== undefined && (typeof includeArrayIndex !== "string" || /^$|^\$/.test(includeArrayIndex)))
    throw new PipelineFault("must be the name of a field", ["includeArrayIndex"]);
  const field = stepsOf(path.slice(1)).join(".");
  const without = removal(field);
  const indexField = includeArrayIndex === undefined ? undefined : stepsOf(String(includeArrayIndex)).join(".");
  const numbered = (document: Document, index: bigint | null) =>
    indexField === undefined ? document : withField(document, indexField, index);
  return {
    push(message, out) {
      const { document } = message;
      const value = fieldAt(document, field);
      const emit = (changed: Document) => out.emit({ ...message, document: changed });
      if (Array.isArray(value) && value.length > 0)
        for (const [index, item] of value.entries()) emit(numbered(withField(document, field, item), BigInt(index)));
      else if (!isNullish(value) && !Array.isArray(value)) emit(numbered(document, null));
      else if (preserveNullAndEmptyArrays === true)
        emit(numbered(Array.isArray(value) ? without(document, scopeOf(message)) : document, null));
    },
  };
};

export const documentStages: Readonly<Record<string, MakeOperator>> = {
  $match,
  $addFields: projecting(addition),
  $set: projecting(addition),
  $project: projecting(projection),
  $unset: projecting(removal),
  $replaceRoot,
  $replaceWith: (body, surroundings) => replacing(expressionsIn(surroundings).compile(body)),
  $redact,
  $unwind,
};
