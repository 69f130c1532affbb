/** The shapes of the table one by one: whether a value is of that kind, whatever is in it, and how it is called. */
import { isObject } from "../json.ts";
import type { ObjectShape, Shape } from "./table/shapes.ts";

const NUMBERS = ["$numberInt", "$numberLong", "$numberDouble", "$numberDecimal"];

/** A number, also one of Extended JSON. */
export function numberOf(value: unknown): number | undefined {
  if (!isObject(value)) return typeof value === "number" ? value : undefined;
  const plain = NUMBERS.map((name) => value[name]).find((each) => typeof each === "string" || typeof each === "number");
  return plain === undefined || plain === "" || Number.isNaN(Number(plain)) ? undefined : Number(plain);
}

export const firstKey = (value: unknown) => (isObject(value) ? (Object.keys(value)[0] ?? "") : "");

/** Whether a value is computed: a field path, a variable, or an operator. */
export const isComputed = (value: unknown): boolean =>
  typeof value === "string" ? value.startsWith("$") : firstKey(value).startsWith("$") && numberOf(value) === undefined;

export function isOfKind(shape: Shape, value: unknown): boolean {
  switch (shape.kind) {
    case "text":
      return typeof value === "string" && !(shape.values && isComputed(value));
    case "path":
    case "connection":
      return typeof value === "string";
    case "reference":
      return typeof value === "string" && value.startsWith("$");
    case "number":
      return numberOf(value) !== undefined && (shape.most !== 0 || numberOf(value) === 0);
    case "boolean":
      return typeof value === "boolean";
    case "computed":
      return isComputed(value);
    case "date":
      return ["$date", "$timestamp"].includes(firstKey(value));
    case "list":
    case "pipeline":
      return Array.isArray(value);
    case "object":
    case "map":
    case "query":
      return isObject(value);
    case "either":
      return shape.shapes.some((each) => isOfKind(each, value));
    default:
      return true;
  }
}

const names: Readonly<Partial<Record<Shape["kind"], string>>> = {
  text: "text",
  boolean: "true or false",
  computed: "an expression",
  connection: "the name of a connection",
  data: "any value",
  date: 'a date {"$date": "…"} or {"$timestamp": …}',
  expression: "an expression",
  path: "the name of a field",
  pipeline: "a list of stages",
  reference: 'a field such as "$items"',
};

/** A shape in words. */
export function inWords(shape: Shape): string {
  switch (shape.kind) {
    case "text":
      return shape.values ? oneOf(shape.values) : "text";
    case "number":
      return numberInWords(shape);
    case "expression":
      return shape.usual ? `an expression of ${oneOf(shape.usual)}` : "an expression";
    case "list":
      return `a list of ${shape.of.kind === "path" ? "names of fields" : inWords(shape.of).replace(/^an? /, "")}`;
    case "either":
      return shape.shapes.map(inWords).join(", or ");
    case "object":
      return `an object ${likeness(shape)}`;
    default:
      return names[shape.kind] ?? "an object";
  }
}

function numberInWords({ least, most = Number.MAX_SAFE_INTEGER }: Shape & { kind: "number" }): string {
  if (least === undefined) return "a number";
  if (most === 0) return "0";
  if (most < Number.MAX_SAFE_INTEGER) return `a whole number from ${least} to ${most}`;
  return least < 0 ? "a whole number" : `a whole number greater than ${least - 1}`;
}

export const oneOf = (values: readonly string[]) =>
  values.length > 2 ? `one of ${values.join(", ")}` : values.join(" or ");

/** How an object looks: as an example has it, or by the fields that it needs. */
export function likeness({ like, fields }: ObjectShape): string {
  if (like !== undefined) return `such as ${like}`;
  const names = Object.keys(fields).filter((name) => fields[name]?.need);
  return `{${(names.length > 0 ? names : Object.keys(fields)).join(", ")}}`;
}
