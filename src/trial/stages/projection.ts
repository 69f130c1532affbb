/** Documents with fields added, kept or taken away, as `$addFields`, `$project` and `$unset` do it. */
import { type Compiled, type Compiler, inside, type Scope, stepsOf } from "../expressions/compile.ts";
import { PipelineFault } from "../failures.ts";
import type { Document } from "../operator.ts";
import { fieldOf, isDocument, isNumeric, put, truthy } from "../values/values.ts";

/** What becomes of a field, and of the fields inside it. */
type Leaf = "kept" | "dropped" | Compiled;
type Tree = Map<string, Leaf | Tree>;

function plant(tree: Tree, path: string, leaf: Leaf): void {
  const steps = stepsOf(path);
  let at = tree;
  for (const step of steps.slice(0, -1)) {
    const inner = at.get(step) ?? new Map();
    if (!(inner instanceof Map)) throw conflict(path);
    at.set(step, inner);
    at = inner;
  }
  const last = steps.at(-1) ?? "";
  if (at.has(last)) throw conflict(path);
  at.set(last, leaf);
}

const conflict = (path: string) => new PipelineFault(`specification contains two conflicting paths: ${path}`);

/** An object of fields, and not an operator or nothing. */
const isNested = (value: unknown): value is Document => {
  if (!isDocument(value)) return false;
  const names = Object.keys(value);
  return names.length > 0 && !names.some((name) => name.startsWith("$"));
};

function plantAll(tree: Tree, spec: Document, at: string, leafOf: (value: unknown, path: string) => Leaf): void {
  for (const [name, value] of Object.entries(spec)) {
    const path = at === "" ? name : `${at}.${name}`;
    inside(name, () =>
      isNested(value) ? plantAll(tree, value, path, leafOf) : plant(tree, path, leafOf(value, path)),
    );
  }
}

/** The document with what a tree computes; in a list, each of its items. */
function withComputed(document: Document, tree: Tree, scope: Scope): Document {
  const whole = { ...document };
  for (const [name, leaf] of tree) {
    if (typeof leaf === "string") continue;
    const value =
      leaf instanceof Map
        ? computes(leaf)
          ? nested(fieldOf(whole, name), leaf, scope)
          : fieldOf(whole, name)
        : leaf(scope);
    if (value === undefined) delete whole[name];
    else put(whole, name, value);
  }
  return whole;
}

const computes = (tree: Tree): boolean =>
  [...tree.values()].some((leaf) => (leaf instanceof Map ? computes(leaf) : typeof leaf !== "string"));

function nested(value: unknown, tree: Tree, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => nested(item, tree, scope));
  return withComputed(isDocument(value) ? value : {}, tree, scope);
}

/** The document with fields left out of it. */
function without(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => without(item, tree));
  if (!isDocument(value)) return value;
  const left: Document = {};
  for (const [name, inner] of Object.entries(value)) {
    const leaf = tree.get(name);
    if (leaf === "dropped") continue;
    put(left, name, leaf instanceof Map ? without(inner, leaf) : inner);
  }
  return left;
}

/** What is kept of a document; of a list, what is kept of its documents. */
function only(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => only(item, tree)).filter((item) => item !== undefined);
  if (!isDocument(value)) return undefined;
  const kept: Document = {};
  for (const [name, inner] of Object.entries(value)) {
    const leaf = tree.get(name);
    const left = leaf === "kept" ? inner : leaf instanceof Map ? only(inner, leaf) : undefined;
    if (left !== undefined) put(kept, name, left);
  }
  return kept;
}

export type Projection = (document: Document, scope: Scope) => Document;

const asDocument = (value: unknown): Document => (isDocument(value) ? value : {});

/** `$addFields` and `$set`. @throws {PipelineFault} */
export function addition(spec: unknown, expressions: Compiler): Projection {
  if (!isDocument(spec) || Object.keys(spec).length === 0)
    throw new PipelineFault("must be an object with a field to add");
  const tree: Tree = new Map();
  plantAll(tree, spec, "", (value) => expressions.compile(value));
  return (document, scope) => withComputed(document, tree, scope);
}

/** `$unset`. @throws {PipelineFault} */
export function removal(spec: unknown): Projection {
  const paths: readonly unknown[] = Array.isArray(spec) ? spec : [spec];
  const tree: Tree = new Map();
  for (const path of paths) {
    if (typeof path !== "string" || path === "")
      throw new PipelineFault("must be the name of a field, or a list of them");
    plant(tree, path, "dropped");
  }
  return (document) => asDocument(without(document, tree));
}

/** `$project`. @throws {PipelineFault} */
export function projection(spec: unknown, expressions: Compiler): Projection {
  if (!isDocument(spec) || Object.keys(spec).length === 0) throw new PipelineFault("must be an object with a field");
  const tree: Tree = new Map();
  plantAll(tree, spec, "", (value, path) => {
    if (isDocument(value) && Object.keys(value).length === 0)
      throw new PipelineFault(`An empty sub-projection is not a valid value. Found empty object at path ${path}`);
    if (typeof value === "boolean" || isNumeric(value)) return truthy(value) ? "kept" : "dropped";
    return expressions.compile(value);
  });
  const id = tree.get("_id");
  const others = leavesOf(tree, "").filter(({ path }) => path !== "_id");
  const dropped = others.find(({ leaf }) => leaf === "dropped");
  const kept = others.find(({ leaf }) => leaf !== "dropped");
  const isExclusion = kept === undefined && (dropped !== undefined || id === "dropped");
  if (dropped && kept)
    throw new PipelineFault(`Cannot do exclusion on field ${dropped.path} in inclusion projection`, [dropped.path]);
  if (isExclusion) {
    if (typeof id === "function")
      throw new PipelineFault("Cannot use an expression in an exclusion projection", ["_id"]);
    return (document) => asDocument(without(document, tree));
  }
  if (id === undefined) tree.set("_id", "kept");
  return (document, scope) => withComputed(withIdFirst(document, asDocument(only(document, tree))), tree, scope);
}

/** The `_id` stands in front, wherever it stood before. */
function withIdFirst(document: Document, kept: Document): Document {
  if (!Object.hasOwn(document, "_id") || !Object.hasOwn(kept, "_id") || Object.keys(kept)[0] === "_id") return kept;
  const { _id, ...others } = kept;
  return { _id, ...others };
}

const leavesOf = (tree: Tree, at: string): { path: string; leaf: Leaf }[] =>
  [...tree].flatMap(([name, leaf]) => {
    const path = at === "" ? name : `${at}.${name}`;
    return leaf instanceof Map ? leavesOf(leaf, path) : [{ path, leaf }];
  });
