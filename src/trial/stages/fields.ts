/** Reading and setting fields of a document by a dotted path. */
import { randomBytes } from "node:crypto";
import type { Document } from "../operator.ts";
import { fieldOf, isDocument, ObjectId } from "../values/values.ts";

/** Every value at a path: a list on the way, or at its end, gives what each of its items has there. */
export function valuesAt(value: unknown, path: string): unknown[] {
  const visit = (inside: unknown, steps: readonly string[]): unknown[] => {
    const [step, ...rest] = steps;
    if (Array.isArray(inside) && step === undefined) return inside;
    if (step === undefined) return inside === undefined ? [] : [inside];
    if (isDocument(inside)) return visit(fieldOf(inside, step), rest);
    if (!Array.isArray(inside)) return [];
    const items: readonly unknown[] = inside;
    const byIndex = /^\d+$/.test(step) && Number(step) < items.length ? visit(items[Number(step)], rest) : [];
    return [...byIndex, ...items.flatMap((item) => (isDocument(item) ? visit(item, steps) : []))];
  };
  return visit(value, path.split("."));
}

/** The value at a path that leads through documents alone, or undefined. */
export const fieldAt = (document: Document, path: string): unknown =>
  path.split(".").reduce<unknown>((inside, step) => (isDocument(inside) ? fieldOf(inside, step) : undefined), document);

/** A copy of the document with the value at the path; what is no document on the way becomes one. */
export function withField(document: Document, path: string, value: unknown): Document {
  const set = (inside: Document, [step = "", ...rest]: readonly string[]): Document => {
    if (rest.length === 0) return { ...inside, [step]: value };
    const inner = fieldOf(inside, step);
    return { ...inside, [step]: set(isDocument(inner) ? inner : {}, rest) };
  };
  return set(document, path.split("."));
}

/** The fields that a document really has: one whose value is missing is none. */
export const fieldsIn = (document: Document): Document =>
  Object.fromEntries(Object.entries(document).filter(([, value]) => value !== undefined));

/** The document with a new `_id`, which is its first field as on the server. */
export const withNewId = (document: Document): Document => ({
  _id: new ObjectId(randomBytes(12).toString("hex")),
  ...fieldsIn(document),
});
