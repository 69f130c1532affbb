/** Request bodies judged by the official API description, more strictly than it is written. */
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { isObject, type JsonObject } from "../../src/json.ts";
import { at, openapi } from "./shared-atlas.ts";

/**
 * A validator for each connection type. The description says that a connection is one of its types and that each type
 * is also a connection, which no validator can follow to an end. So a type's own parts are taken beside the base's
 * properties, and every object is closed: a field that the description does not know is an error here.
 */
export function bodyValidators(): ReadonlyMap<string, ValidateFunction> {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const base = resolved({ $ref: "#/components/schemas/StreamsConnection" });
  return new Map(variantsOf(base).map(([type, schema]) => [type, ajv.compile(schema)]));
}

/** The alternatives that a discriminator names, each as one closed object. */
function variantsOf(base: JsonObject): [string, JsonObject][] {
  const discriminator = String(at(base, "discriminator", "propertyName"));
  return Object.entries(objectAt(base, "discriminator", "mapping")).map(([value, $ref]) => {
    const variant = resolved({ $ref });
    const own = listAt(variant, "allOf")
      .map(resolved)
      .filter((part) => part !== base);
    const properties = Object.assign(
      {},
      objectAt(base, "properties"),
      ...own.map((part) => objectAt(part, "properties")),
    );
    const required = [base, variant, ...own].flatMap((part) => listAt(part, "required"));
    // The base lists the types in an `enum` that lacks S3, which its own mapping has: the mapping is believed.
    return [value, closedObject({ ...properties, [discriminator]: { const: value } }, [discriminator, ...required])];
  });
}

function closedObject(properties: JsonObject, required: unknown[]): JsonObject {
  const sendable = Object.entries(properties).filter(([, property]) => at(property, "readOnly") !== true);
  return {
    type: "object",
    properties: Object.fromEntries(sendable.map(([name, property]) => [name, closed(property)])),
    required: [...new Set(required)],
    additionalProperties: false,
  };
}

/** A schema with its references followed and its objects closed. */
function closed(schema: unknown): JsonObject {
  const { nullable, ...rest } = resolved(schema);
  const plain = closedAlternatives(schema) ?? closedProperties(rest) ?? rest;
  return nullable === true ? { anyOf: [plain, { type: "null" }] } : plain;
}

function closedAlternatives(schema: unknown): JsonObject | undefined {
  const oneOf = variantsOf(resolved(schema)).map(([, variant]) => variant);
  return oneOf.length > 0 ? { oneOf } : undefined;
}

function closedProperties(schema: JsonObject): JsonObject | undefined {
  return isObject(schema["properties"]) ? closedObject(schema["properties"], listAt(schema, "required")) : undefined;
}

function resolved(schema: unknown): JsonObject {
  if (!isObject(schema)) return {};
  const { $ref: reference } = schema;
  return typeof reference === "string" ? resolved(at(openapi, ...reference.replace("#/", "").split("/"))) : schema;
}

function objectAt(value: unknown, ...path: string[]): JsonObject {
  const found = at(value, ...path);
  return isObject(found) ? found : {};
}

function listAt(value: unknown, name: string): unknown[] {
  const found = at(value, name);
  return Array.isArray(found) ? found : [];
}
