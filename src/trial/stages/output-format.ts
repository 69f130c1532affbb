/**
 * The forms of JSON in which messages and files are written.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-emit/#basic-json
 */
import { PipelineFault } from "../failures.ts";
import type { Document } from "../operator.ts";
import { toJson } from "../values/extended-json.ts";
import { isDocument, kindOf } from "../values/values.ts";

/** Writes a document as `outputFormat` and `dateFormat` of a `config` say. */
export function writerIn(config: Document): (value: unknown) => unknown {
  const { outputFormat = "relaxedJson", dateFormat = "default" } = config;
  if (dateFormat !== "default" && dateFormat !== "ISO8601")
    throw new PipelineFault("dateFormat must be default or ISO8601");
  const isoDates = dateFormat === "ISO8601";
  switch (outputFormat) {
    case "relaxedJson":
    case "canonicalJson": {
      const canonical = outputFormat === "canonicalJson" ? "canonical" : "relaxed";
      return (value) => toJson(isoDates ? mapKind(value, "date", isoDate) : value, canonical);
    }
    case "basicJson":
      return (value) => basic(value, isoDates);
    default:
      throw new PipelineFault("outputFormat must be relaxedJson, canonicalJson or basicJson");
  }
}

const isoDate = (value: unknown) => (value instanceof Date ? value.toISOString() : value);

function mapKind(value: unknown, kind: string, change: (value: unknown) => unknown): unknown {
  if (kindOf(value) === kind) return change(value);
  if (Array.isArray(value)) return value.map((item: unknown) => mapKind(item, kind, change));
  if (!isDocument(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapKind(inner, kind, change)]));
}

function basic(value: unknown, isoDates: boolean): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => basic(item, isoDates));
  if (isDocument(value))
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, basic(inner, isoDates)]));
  if (value instanceof Date) return isoDates ? value.toISOString() : value.getTime();
  const written = toJson(value);
  if (!isDocument(written)) return written;
  const [[type = "", inner] = []] = Object.entries(written);
  const details = isDocument(inner) ? inner : {};
  switch (type) {
    case "$oid":
    case "$numberDecimal":
    case "$numberDouble":
    case "$uuid":
      return inner;
    case "$numberLong":
    case "$numberInt":
      return Number(inner);
    case "$timestamp":
      return Number(details["t"]) * 1000;
    case "$regularExpression":
      return { pattern: details["pattern"], options: details["options"] };
    case "$binary": {
      const { base64 } = details;
      return details["subType"] === "04" ? uuidOf(String(base64)) : base64;
    }
    default:
      return written;
  }
}

const uuidOf = (base64: string) =>
  Buffer.from(base64, "base64")
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
