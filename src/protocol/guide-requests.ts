/** The requests for prompts, resources and completions. */
import { prompts } from "../guides/prompts.ts";
import { completeType, listResources, readResource, resourceTemplates } from "../guides/reference.ts";
import { isObject, type JsonObject } from "../json.ts";
import { errorCodes, invalidParams, RequestError, type RequestResult } from "./messages.ts";

export const guideRequests = {
  "prompts/list": () => ({ prompts: prompts.map(({ text: _, ...prompt }) => prompt) }),

  "prompts/get": ({ name, arguments: args = {} }) => {
    const prompt = promptNamed(name);
    if (!isObject(args) || !hasOnlyStrings(args)) throw invalidParams("arguments must be an object of strings");
    return {
      description: prompt.description,
      messages: [{ role: "user", content: { type: "text", text: prompt.text(args) } }],
    };
  },

  "resources/list": () => ({ resources: listResources() }),

  "resources/templates/list": () => ({ resourceTemplates }),

  "resources/read": ({ uri }) => {
    if (typeof uri !== "string") throw invalidParams("uri must be a string");
    const text = readResource(uri);
    if (text === undefined) throw new RequestError(errorCodes.resourceNotFound, "There is no such resource", { uri });
    return { contents: [{ uri, mimeType: "application/json", text }] };
  },

  "completion/complete": ({ ref, argument }) => {
    if (!isObject(argument) || typeof argument["name"] !== "string" || typeof argument["value"] !== "string")
      throw invalidParams("argument must be an object with a name and a value");
    const values = completions(isObject(ref) ? ref : {}, argument["name"], argument["value"]);
    return { completion: { values, total: values.length, hasMore: false } };
  },
} satisfies Record<string, (params: JsonObject) => RequestResult>;

function hasOnlyStrings(object: JsonObject): object is Record<string, string> {
  return Object.values(object).every((value) => typeof value === "string");
}

/** The values that `typed` may be completed to; none for an argument whose values only the user knows. */
function completions({ type, name, uri }: JsonObject, argument: string, typed: string): string[] {
  if (type === "ref/prompt") {
    promptNamed(name);
    return [];
  }
  if (type !== "ref/resource") throw invalidParams("ref.type must be ref/prompt or ref/resource");
  if (!resourceTemplates.some(({ uriTemplate }) => uriTemplate === uri))
    throw invalidParams("ref.uri must be the URI template of a resource");
  return argument === "type" ? completeType(typed) : [];
}

function promptNamed(name: unknown) {
  const found = prompts.find((prompt) => prompt.name === name);
  if (!found)
    throw invalidParams(
      `There is no such prompt. Available prompts: ${prompts.map((prompt) => prompt.name).join(", ")}`,
    );
  return found;
}
