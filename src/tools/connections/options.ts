/** `get_connection_options`: what exists in a project that a connection of some type can use. */
import { z } from "zod/v3";
import type { Resource } from "../../connections/connection-type.ts";
import { connectionTypes, typeName, typeNamed } from "../../connections/union.ts";
import { dotted, type JsonObject, type Path, samePath, valueAt, withValueAt } from "../../json.ts";
import { describeFields } from "../../schema/describe-fields.ts";
import { ownWords, unlisted } from "../../schema/fields.ts";
import type { Mask } from "../../schema/problems.ts";
import { defineTool } from "../../tool/define.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { entries, someObject } from "../../tool/result.ts";
import { groupId } from "../places/arguments.ts";
import { workspace } from "../places/resources.ts";
import { type Option, resources } from "./project-resources.ts";

type Type = (typeof connectionTypes)[number];
type Options = Partial<Record<Resource, Option[]>>;

export default defineTool({
  name: "get_connection_options",
  title: "Get options for a connection",
  description:
    "Shows what a project has that a connection of a type can use (clusters, roles, private links …), and a template to fill in for create_stream_connection.",
  effect: "reads",
  resource: workspace,
  input: z.object({ groupId, type: typeName }).strict(),
  outcomes: ["ok"],
  output: {
    clusters: entries("name, state", { name: "clusterName" }),
    customRoles: unlisted(entries("role", { role: "Name" })),
    awsRoles: entries("roleArn, authorized", { roleArn: "ARN" }),
    azureServicePrincipals: unlisted(entries("servicePrincipalId, tenantId", { servicePrincipalId: "Id" })),
    gcpServiceAccounts: unlisted(entries("serviceAccountId, status", { serviceAccountId: "E-mail" })),
    privateLinks: entries("id, provider, vendor, region, state", { id: "connectionId" }),
    vpcPeerings: unlisted(entries("name, requesterVpcId, requesterCidr, cloudStatus, localStatus", { name: "Name" })),
    template: ownWords(someObject({ type: "Its type" }).optional().describe("A connection to fill in")),
    blanks: ownWords(
      z
        .array(z.object({ path: z.string().describe("Field"), meaning: z.string().describe("What belongs there") }))
        .optional()
        .describe("To fill in"),
    ),
    warnings: z.array(z.string()).optional().describe("What could not be read"),
  },
  async run({ groupId, type: given }, call) {
    const type = typeNamed(given) ?? connectionTypes[0];
    const kinds = resources.filter(({ resource }) => resource in type.uses);
    const parts = await Promise.all(kinds.map(({ read }) => call.attempt(read(groupId, call))));
    // Where nothing at all could be read, the project or the credentials are wrong, which is a failure.
    const [first] = parts;
    if (first instanceof ToolFailure && parts.every((part) => part instanceof ToolFailure)) throw first.failure;
    const options: Options = {};
    for (const [index, { resource }] of kinds.entries()) {
      const part = parts[index];
      if (part instanceof ToolFailure) call.warn(`${resource} could not be read: ${part.message}`);
      else if (part) options[resource] = part;
    }
    const found = Object.entries(options).map(([resource, list]) => `${list.length} ${resource}`);
    return {
      outcome: "ok",
      summary: `${type.type} needs: ${type.prerequisite} Found: ${found.join(", ") || "nothing to choose from"}.`,
      ...shownOf(options),
      ...templateOf(type, options, call.mask),
    };
  },
});

function shownOf(options: Options): Partial<Record<Resource, JsonObject[]>> {
  return Object.fromEntries(
    Object.entries(options).map(([resource, list]) => [resource, list.map((option) => option.shown)]),
  );
}

/**
 * A connection that can be sent once its blanks are filled in; a blank for which there is a choice holds the first,
 * which is all in it that comes from outside.
 */
function templateOf({ type, example, uses, schema }: Type, options: Options, mask: Mask) {
  let template: JsonObject = { type, name: type === "Sample" ? "sample_stream_solar" : "NAME", ...example };
  for (const { resource } of resources) {
    const path = Object.entries(uses).find(([kind]) => kind === resource)?.[1];
    if (!path) continue;
    const usable = options[resource]?.find((option) => option.usable);
    template = withValueAt(template, path, usable ? mask(usable.value) : blankAt(path));
  }
  return { template, blanks: blanksOf(template, schema) };
}

/** What stands where nothing can be chosen: `aws.roleArn` → `ROLE_ARN`. */
const blankAt = (path: Path) => (path.at(-1) ?? "").replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();

/** Every value of the template that could be another one, and what belongs there. */
function blanksOf(template: JsonObject, schema: Type["schema"]) {
  const fields = describeFields(schema);
  const isGroup = (path: Path) => fields.some((other) => samePath(other.path.slice(0, -1), path));
  return fields
    .filter(({ path, values }) => valueAt(template, path) !== undefined && !isGroup(path) && values?.length !== 1)
    .map(({ path, description, values = [] }) => {
      const told = values.every((value) => description.includes(value));
      return { path: dotted(path), meaning: told ? description : `${description}: ${values.join(", ")}` };
    });
}
