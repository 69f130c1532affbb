/** What the `Server` of either SDK is made with. */
import { instructionsFor } from "../guides/instructions.ts";
import type { Services } from "../services.ts";
import { availableTools } from "../tools/available.ts";
import { packageName, packageVersion } from "../version.ts";

export const serverInfo = { name: packageName, title: "Atlas Stream Processing", version: packageVersion };

const capabilities = { tools: {}, prompts: {}, resources: {}, completions: {}, logging: {} };

/**
 * Stands in for ajv, which makes up a third of either SDK and is left out of the bundle. It would validate what clients
 * send back for forms, and this server sends no forms; what comes back all the same counts as invalid.
 */
const noValidator = {
  getValidator: () => () => ({ valid: false as const, data: undefined, errorMessage: "There is no validator" }),
};

export function serverOptions({ settings, note, rule }: Services) {
  const access = rule && { rule, offered: availableTools(settings, rule) };
  return { capabilities, instructions: instructionsFor(settings, note, access), jsonSchemaValidator: noValidator };
}
