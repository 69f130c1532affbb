/** How many bytes a value takes as BSON. @see https://bsonspec.org/spec.html */
import type { Document } from "../operator.ts";
import { Binary, isDocument, kindOf, Regex } from "./values.ts";

const textSize = (text: string) => Buffer.byteLength(text);

/** An int32 in front of all, and a zero at the end; before each value its kind, and its name with a zero. */
const fieldsSize = (fields: Iterable<readonly [string, unknown]>): number => {
  let size = 5;
  for (const [name, value] of fields) if (value !== undefined) size += 2 + textSize(name) + sizeOf(value);
  return size;
};

/** The size of a whole document. */
export const bsonSize = (document: Document): number => fieldsSize(Object.entries(document));

function sizeOf(value: unknown): number {
  switch (kindOf(value)) {
    case "int":
      return 4;
    case "bool":
      return 1;
    case "double":
    case "long":
    case "date":
    case "timestamp":
      return 8;
    case "objectId":
      return 12;
    case "decimal":
      return 16;
    case "string":
      return 5 + textSize(String(value));
    case "array":
      return Array.isArray(value) ? fieldsSize(value.map((item, index) => [`${index}`, item ?? null] as const)) : 0;
  }
  if (isDocument(value)) return bsonSize(value);
  // The old kind of binary has its length twice.
  if (value instanceof Binary) return 5 + value.bytes.length + (value.subType === 2 ? 4 : 0);
  if (value instanceof Regex) return 2 + textSize(value.pattern) + textSize(value.options);
  return 0;
}
