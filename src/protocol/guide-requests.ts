/** The requests for prompts, resources and completions. */
import { prompts } from "../guides/prompts.ts";
import { completeType, listResources, readResource, resourceTemplates } from "../guides/reference.ts";
import { isObject, type JsonObject } from "../json.ts";
import type { Services } from "../services.ts";
import { offeredTools } from "../tools/available.ts";
import { generatedTools } from "../tools/generated/tools.ts";
import { errorCodes, invalidParams, RequestError, type RequestResult } from "./messages.ts";

export const guideRequests = {
  "prompts/list": (_, services) => ({ prompts: promptsUnder(services).map(({ text: _, ...prompt }) => prompt) }),

  "prompts/get": ({ name, arguments: args = {} }, services) => {
    const prompt = promptNamed(name, services);
    if (!isObject(args) || !hasOnlyStrings(args)) throw invalidParams("arguments must be an object of strings");
    return {
      description: prompt.description,
      messages: [
        {
          role: "user",
          content: { type: "text", text: prompt.text(args, offeredTools(services.settings, services.rule)) },
        },
      ],
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

  "completion/complete": ({ ref, argument }, services) => {
    if (!isObject(argument) || typeof argument["name"] !== "string" || typeof argument["value"] !== "string")
      throw invalidParams("argument must be an object with a name and a value");
    const values = completions(isObject(ref) ? ref : {}, argument["name"], argument["value"], services);
    return { completion: { values, total: values.length, hasMore: false } };
  },
} satisfies Record<string, (params: JsonObject, services: Under) => RequestResult>;

/** What decides which tools are offered. */
type Under = Pick<Services, "settings" | "rule">;

function hasOnlyStrings(object: JsonObject): object is Record<string, string> {
  return Object.values(object).every((value) => typeof value === "string");
}

/** The values that `typed` may be completed to; none for an argument whose values only the user knows. */
function completions({ type, name, uri }: JsonObject, argument: string, typed: string, services: Under): string[] {
  if (type === "ref/prompt") {
    promptNamed(name, services);
    return [];
  }
  if (type !== "ref/resource") throw invalidParams("ref.type must be ref/prompt or ref/resource");
  if (!resourceTemplates.some(({ uriTemplate }) => uriTemplate === uri))
    throw invalidParams("ref.uri must be the URI template of a resource");
  return argument === "type" ? completeType(typed) : [];
}

/** The prompts that name no tool but those that are offered. */
function promptsUnder({ settings, rule }: Under) {
  const offered = offeredTools(settings, rule);
  return prompts.filter(({ text }) =>
    generatedTools.every(({ name }) => offered.includes(name) || !text({}).includes(name)),
  );
}

function promptNamed(name: unknown, services: Under) {
  const available = promptsUnder(services);
  const found = available.find((prompt) => prompt.name === name);
  if (found) return found;
  const names = available.map((prompt) => prompt.name).join(", ");
  throw invalidParams(`There is no such prompt. Available prompts: ${names || "none"}`);
}
