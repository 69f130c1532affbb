/** `get_connection_options`: what exists in a project that a connection of some type can use. */
import { z } from "zod/v3";
import { unwrapped } from "../atlas/atlas.ts";
import type { Resource } from "../connections/connection-type.ts";
import { describeFields } from "../connections/describe-fields.ts";
import { valueAt, withValueAt } from "../connections/paths.ts";
import { connectionTypes, typeName, typeNamed } from "../connections/union.ts";
import type { JsonObject } from "../json.ts";
import { checkArguments } from "./arguments/check-arguments.ts";
import { workspaceShape } from "./arguments/workspace.ts";
import { type Option, resources } from "./project-resources.ts";
import { entries, readResultSchema } from "./read-result.ts";
import { reading } from "./reading.ts";
import { readOnly, type Tool } from "./tool.ts";

const input = z.object({ groupId: workspaceShape.groupId, type: typeName }).strict();

type Type = (typeof connectionTypes)[number];

export const getConnectionOptions: Tool = {
  name: "get_connection_options",
  title: "Get options for a connection",
  description:
    "Shows what a project has that a connection of a type can use (clusters, roles, private links …), and a template to fill in for create_stream_connection.",
  annotations: readOnly,
  input,
  output: readResultSchema({
    clusters: entries("name, state"),
    awsRoles: entries("roleArn, authorized"),
    privateLinks: entries("id, provider, vendor, region, state"),
    template: z.object({}).passthrough().optional().describe("A connection to fill in"),
    blanks: entries("{path, meaning} to fill in"),
    warnings: z.array(z.string()).optional().describe("What could not be read"),
  }),
  async call(args, services, context) {
    const { groupId, type: given } = await checkArguments(input, args, services, context);
    return reading({ groupId }, services, context, async () => {
      const type = typeNamed(given) ?? connectionTypes[0];
      const kinds = resources.filter(({ resource }) => resource in type.uses);
      const parts = await Promise.allSettled(kinds.map(({ read }) => read(groupId, services.atlas, context.signal)));
      const options: Partial<Record<Resource, Option[]>> = {};
      const warnings: string[] = [];
      for (const [index, { resource }] of kinds.entries()) {
        const part = parts[index];
        if (part?.status === "fulfilled") options[resource] = part.value;
        else if (part) warnings.push(`${resource} could not be read: ${unwrapped(part.reason).message}`);
      }
      // Where nothing at all could be read, the project or the credentials are wrong, which is a failure.
      const first = parts[0];
      if (first?.status === "rejected" && parts.every(({ status }) => status === "rejected")) throw first.reason;
      const { template, blanks } = templateOf(type, options);
      const found = Object.entries(options).map(([resource, list]) => `${list.length} ${resource}`);
      const summary = `${type.type} needs: ${type.prerequisite} Found: ${found.join(", ") || "nothing to choose from"}.`;
      const shown = Object.fromEntries(
        Object.entries(options).map(([resource, list]) => [resource, list.map((option) => option.shown)]),
      );
      return { summary, project: { groupId }, ...shown, template, blanks, warnings };
    });
  },
};

/** A connection that can be sent once its blanks are filled in; a blank for which there is a choice holds the first. */
function templateOf({ type, example, uses, schema }: Type, options: Partial<Record<Resource, Option[]>>) {
  let template: JsonObject = { type, name: type === "Sample" ? "sample_stream_solar" : "NAME", ...example };
  for (const { resource } of resources) {
    const path: string | null | undefined = Object.entries(uses).find(([kind]) => kind === resource)?.[1];
    if (!path) continue;
    const usable = options[resource]?.find((option) => option.usable);
    template = withValueAt(template, path.split("."), usable?.value ?? blankAt(path));
  }
  return { template, blanks: blanksOf(template, schema) };
}

/** What stands where nothing can be chosen: `aws.roleArn` → `ROLE_ARN`. */
const blankAt = (path: string) => (path.split(".").at(-1) ?? "").replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();

/** Every value of the template that could be another one, and what belongs there. */
function blanksOf(template: JsonObject, schema: Type["schema"]) {
  const fields = describeFields(schema);
  const isGroup = (path: string) => fields.some((other) => other.path.startsWith(`${path}.`));
  return fields
    .filter(({ path, values }) => valueAt(template, path) !== undefined && !isGroup(path) && values?.length !== 1)
    .map(({ path, description, values = [] }) => {
      const told = values.every((value) => description.includes(value));
      return { path, meaning: told ? description : `${description}: ${values.join(", ")}` };
    });
}
