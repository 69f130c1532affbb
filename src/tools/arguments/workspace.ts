/** The arguments that say where: project and workspace, with their configured defaults. */
import { z } from "zod/v3";
import type { Settings } from "../../config/settings.ts";
import { objectId } from "../../connections/fields.ts";
import type { JsonObject } from "../../json.ts";
import { configuredDefaults } from "./configured-defaults.ts";

/** A name that can be a path segment: nothing in Atlas is called `.` or `..`. */
const pathName = z
  .string()
  .min(1)
  .refine((name) => !/^\.{1,2}$/.test(name), "cannot be a name in Atlas");

export const workspaceShape = {
  groupId: objectId("Atlas project id"),
  tenantName: pathName.describe("Stream workspace (instance) in the project"),
};

export const dryRun = z.boolean().default(false).describe("Show the request and what would come of it");

export const connectionName = pathName.describe("Name of the connection");

/** The configured defaults of the arguments that `input` takes. */
export function defaultsFor(input: z.AnyZodObject, settings: Settings): JsonObject {
  return Object.fromEntries([...configuredDefaults(settings)].filter(([name]) => Object.hasOwn(input.shape, name)));
}
