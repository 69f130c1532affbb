/** Requests judged by the official API description: endpoint, version and query; nothing is judged where it is absent. */
import { isObject } from "../../src/json.ts";
import type { RecordedRequest } from "../support/sandbox.ts";
import { at, openapi } from "../support/shared-atlas.ts";

const API = "/api/atlas/v2/";

const templates = Object.keys(Object(at(openapi, "paths"))).map((template) => ({
  template,
  pattern: new RegExp(`^${template.replace(/[.:]/g, "\\$&").replace(/\{\w+\}/g, "([^/:]+)")}$`),
  parameters: template.split("{").length - 1,
}));

/** What the description has against the requests; a request that it knows adds nothing. */
export function undescribed(requests: readonly RecordedRequest[]): string[] {
  if (!openapi) return [];
  return requests.filter(({ path }) => path.startsWith(API)).flatMap(objections);
}

/** The path of the description that a request was sent to. */
function templateOf({ path }: Pick<RecordedRequest, "path">): string {
  // A fixed segment is meant before the parameter that it would fit, too.
  const fitting = templates.filter(({ pattern }) => pattern.test(path)).sort((a, b) => a.parameters - b.parameters);
  return fitting[0]?.template ?? "";
}

/** The id of the operation that a request is, where the description has one. */
export const operationOf = (request: Pick<RecordedRequest, "method" | "path">): unknown =>
  at(openapi, "paths", templateOf(request), request.method.toLowerCase(), "operationId");

/** The ids of all operations on streams. */
export const streamOperations = Object.entries(Object(at(openapi, "paths")))
  .filter(([template]) => template.includes("/streams"))
  .flatMap(([, methods]) => Object.values(Object(methods)).map((operation) => at(operation, "operationId")))
  .filter((id) => typeof id === "string");

function objections(request: RecordedRequest): string[] {
  const { method, path, query, headers } = request;
  const template = templateOf(request);
  const operation = at(openapi, "paths", template, method.toLowerCase());
  if (!isObject(operation)) return [`${method} ${path}: no such endpoint`];
  const accept = headers["accept"] ?? "";
  const versions = Object.entries(Object(operation["responses"]))
    .filter(([status]) => status.startsWith("2"))
    .flatMap(([, response]) => Object.keys(Object(at(response, "content"))));
  const known = queryParameters(at(openapi, "paths", template), operation);
  return [
    ...(versions.includes(accept) ? [] : [`${method} ${template}: ${accept} is none of ${versions.join(", ")}`]),
    ...Object.keys(query)
      .filter((name) => !known.includes(name))
      .map((name) => `${method} ${template}: no query parameter ${name}`),
  ];
}

function queryParameters(...owners: unknown[]): unknown[] {
  const parameters = owners.flatMap((owner) => {
    const own = at(owner, "parameters");
    return Array.isArray(own) ? own : [];
  });
  return parameters
    .map((parameter) => {
      const reference = at(parameter, "$ref");
      return typeof reference === "string" ? at(openapi, ...reference.replace("#/", "").split("/")) : parameter;
    })
    .filter((parameter) => at(parameter, "in") === "query")
    .map((parameter) => at(parameter, "name"));
}
