/** What stands in a stage, read as its page says; what does not fit is refused. */
import { PipelineFault } from "../failures.ts";
import type { Document, Message, Surroundings } from "../operator.ts";
import { isDocument } from "../values/values.ts";

export const isText = (value: unknown): value is string => typeof value === "string";

/** @throws {PipelineFault} where it is no text, or an empty one. */
export function textAt(body: Document, field: string): string {
  const value = body[field];
  if (isText(value) && value !== "") return value;
  throw new PipelineFault(`${field} must be a text`);
}

/** An object at a field, an empty one where there is none. */
export function partAt(body: Document, field: string): Document {
  const value = body[field] ?? {};
  if (isDocument(value)) return value;
  throw new PipelineFault(`${field} must be an object`);
}

/** A text, or an expression that has to give one; a text that starts with `$` is an expression. */
export function textFor(spec: unknown, field: string, { expression }: Surroundings): (message: Message) => string {
  if (isText(spec) && !spec.startsWith("$")) return () => spec;
  if (!isText(spec) && !isDocument(spec)) throw new PipelineFault(`${field} must be a text or an expression`);
  const compute = expression(spec);
  return (message) => {
    const value = compute(message);
    if (isText(value)) return value;
    throw new Error(`Expected ${field} to evaluate to a string`);
  };
}

/** A collection as stages name it. */
export interface CollectionName {
  connectionName: string;
  db: string;
  coll: string;
}

/** Where the collection is kept: two clusters can have collections of the same name. */
export function keyIn(collections: ReadonlyMap<string, unknown>, { connectionName, db, coll }: CollectionName): string {
  const full = `${connectionName}/${db}.${coll}`;
  return collections.has(full) ? full : `${db}.${coll}`;
}

/** Its documents, or undefined where nothing is known of it. */
export const collectionNamed = (
  collections: ReadonlyMap<string, Document[]>,
  name: CollectionName,
): Document[] | undefined => collections.get(keyIn(collections, name));
