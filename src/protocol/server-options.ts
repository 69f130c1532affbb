/** What the `Server` of either SDK is made with. */
import { packageName, packageVersion } from "../version.ts";

export const serverInfo = { name: packageName, title: "Atlas Stream Processing", version: packageVersion };

export const capabilities = { tools: {}, prompts: {}, resources: {}, completions: {}, logging: {} };

/**
 * Stands in for ajv, which is a third of either SDK and is left out of the bundle. Only answers to forms would be
 * validated, and this server sends none; one that came all the same counts as unfit.
 */
export const noValidator = {
  getValidator: () => () => ({ valid: false as const, data: undefined, errorMessage: "There is no validator" }),
};
