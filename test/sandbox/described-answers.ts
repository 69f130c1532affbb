/** Answers judged by the official API description: status, media type and body; nothing is judged where it is absent. */
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { isObject, type JsonObject, valueAt } from "../../src/json.ts";
import { openapi } from "../support/shared-atlas.ts";
import type { Got } from "./atlas-client.ts";

/** Parts of schemas that say "object" where the description itself has numbers or texts. */
const MISTAKEN = [
  ["StreamsProcessorWithStats", "properties", "stats", "additionalProperties"],
  ["StreamsProcessorWithStats", "properties", "pipeline", "items", "additionalProperties"],
  ["Document", "additionalProperties"],
  ["BaseStreamsRegion", "type"],
  ["ApiError", "properties", "parameters", "items"],
];

/** Fields that Atlas has, and the description does not have yet. */
const NEWER = [
  ["StreamsProcessor", "properties", "effectiveTier"],
  ["StreamsProcessorWithStats", "properties", "effectiveTier"],
  ["StreamsOptions", "properties", "autoscaling"],
];

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
if (openapi) {
  const description = structuredClone(openapi);
  for (const path of MISTAKEN)
    delete objectAt(description, "components", "schemas", ...path.slice(0, -1))[path.at(-1) ?? ""];
  for (const path of NEWER)
    objectAt(description, "components", "schemas", ...path.slice(0, -1))[path.at(-1) ?? ""] ??= {};
  ajv.addSchema({ $id: "atlas", components: closed(objectAt(description, "components")) });
}

/** What the description has against an answer to `method` at the path `template` under `/api/atlas/v2`. */
export function undescribedIn(method: string, template: string, { status, headers, text, body }: Got): string[] {
  if (!openapi) return [];
  const operation = objectAt(openapi, "paths", `/api/atlas/v2${template}`, method.toLowerCase());
  if (status >= 400) return errorsOf(validatorOf({ $ref: "atlas#/components/schemas/ApiError" }), body);
  const described = objectAt(operation, "responses", String(status), "content");
  const [mediaType = "", content] = Object.entries(described)[0] ?? [];
  const schema = objectAt(content, "schema");
  if (status === 204) return text === "" ? [] : ["a 204 has no body"];
  return [
    ...(headers.get("content-type") === mediaType ? [] : [`${headers.get("content-type")} is not ${mediaType}`]),
    ...(mediaType.endsWith("+json") && Object.keys(schema).length > 0
      ? errorsOf(validatorOf(absolute(schema)), body)
      : []),
  ];
}

const validatorOf = (schema: JsonObject): ValidateFunction => ajv.compile(schema);

function errorsOf(validate: ValidateFunction, body: unknown): string[] {
  return validate(body) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

const absolute = ({ $ref }: JsonObject): JsonObject => ({ $ref: `atlas${$ref}` });

/** A copy in which every object that lists its properties has no others. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (!isObject(schema)) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isClosable = isObject(schema["properties"]) && !("additionalProperties" in schema) && !("oneOf" in schema);
  return isClosable && schema["type"] === "object" ? { ...inner, additionalProperties: false } : inner;
}

function objectAt(value: unknown, ...path: string[]): JsonObject {
  const found = valueAt(value, path);
  return isObject(found) ? found : {};
}
