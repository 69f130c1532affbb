/** The kinds of BSON as the stages of streams tell them apart. */
import { randomBytes } from "node:crypto";
import type { Document } from "../operator.ts";

export const isDocument = (value: unknown): value is Document =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (value instanceof Date) return "date";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "double";
  if (typeof value === "boolean") return "bool";
  return typeof value;
}

export function compareValues(a: unknown, b: unknown): number {
  const [x, y] = [JSON.stringify(a) ?? "", JSON.stringify(b) ?? ""];
  if (typeof a === "number" && typeof b === "number") return a - b;
  return x < y ? -1 : x > y ? 1 : 0;
}

export const toExtendedJson = (value: unknown, _: { canonical?: boolean } = {}): unknown => value;
export const fromExtendedJson = (value: unknown): unknown => value;
export const newObjectId = (): unknown => randomBytes(12).toString("hex");
