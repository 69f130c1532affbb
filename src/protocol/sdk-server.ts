/** What the `Server` of either SDK is made with. */
import { instructionsFor } from "../guides/instructions.ts";
import type { Services } from "../services.ts";
import { packageName, packageVersion } from "../version.ts";

export const serverInfo = { name: packageName, title: "Atlas Stream Processing", version: packageVersion };

const capabilities = { tools: {}, prompts: {}, resources: {}, completions: {}, logging: {} };

/**
 * Stands in for ajv, which makes up a third of either SDK and is left out of the bundle. Only a client's answers to
 * forms would be validated, and this server sends no forms; an answer that came all the same counts as invalid.
 */
const noValidator = {
  getValidator: () => () => ({ valid: false as const, data: undefined, errorMessage: "There is no validator" }),
};

export function serverOptions({ settings, note }: Services) {
  return { capabilities, instructions: instructionsFor(settings, note), jsonSchemaValidator: noValidator };
}
