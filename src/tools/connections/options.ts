/** `get_connection_options`: the options that a project has for a connection of some type. */
import { z } from "zod/v3";
import type { OptionKind } from "../../connections/connection-type.ts";
import { blankFor } from "../../connections/doubts.ts";
import { type connectionTypes, typeName, typeNamed } from "../../connections/union.ts";
import { dotted, type JsonObject, type Path, samePath, valueAt, withValueAt } from "../../json.ts";
import type { Mask } from "../../mask.ts";
import { pairs, titleOf } from "../../private-links/union.ts";
import { describeFields, type FieldDescription } from "../../schema/describe-fields.ts";
import { ownWords, type Trait, traitOf, unlisted } from "../../schema/fields.ts";
import { schemaAt } from "../../schema/structure.ts";
import { standsIn } from "../../stages/reference.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { entries, someObject, warnings } from "../../tool/result.ts";
import { workspace, workspaceArguments } from "../workspaces/resource.ts";
import { type Option, projectOptions } from "./project-options.ts";

const { groupId, tenantName } = workspaceArguments;

type Type = (typeof connectionTypes)[number];
type OptionsByKind = Partial<Record<OptionKind, Option[]>>;

export default defineTool({
  name: "get_connection_options",
  description:
    "Before you create a connection: shows what the project has for its type (clusters, roles, private links, …) and a " +
    "template to fill in.",
  effect: "reads",
  resource: workspace,
  input: z.object({ groupId, tenantName: tenantName.optional(), type: typeName }).strict(),
  outcomes: ["ok"],
  output: {
    clusters: unlisted(entries("name, state")),
    customRoles: unlisted(entries("role")),
    awsRoles: unlisted(entries("roleArn, authorized")),
    azureServicePrincipals: unlisted(entries("servicePrincipalId, tenantId")),
    gcpServiceAccounts: unlisted(entries("serviceAccountId, status")),
    privateLinks: unlisted(entries("id, provider, vendor, region, state, errorMessage")),
    vpcPeerings: unlisted(entries("name, requesterVpcId, requesterCidr, cloudStatus, localStatus")),
    template: ownWords(someObject("A connection to fill in")),
    blanks: ownWords(
      z
        .array(z.object({ path: z.string().describe("Field"), meaning: z.string().describe("What belongs there") }))
        .optional()
        .describe("To fill in"),
    ),
    stages: ownWords(unlisted(entries("stage, at, needs, example"))),
    warnings,
  },
  async run({ groupId, type: name }, call) {
    const type = typeNamed(name);
    if (!type) throw new Error(`The schema accepted an unknown type: ${name}`);
    const kinds = projectOptions.filter(({ kind }) => kind in type.uses);
    const parts = await Promise.all(kinds.map(({ read }) => call.attempt(read(groupId, call))));
    // Where nothing could be read, the project or the credentials are wrong, which is a failure.
    const [first] = parts;
    if (first instanceof ToolFailure && parts.every((part) => part instanceof ToolFailure)) throw first.failure;
    const options: OptionsByKind = {};
    for (const [index, { kind }] of kinds.entries()) {
      const part = parts[index];
      if (part instanceof ToolFailure) call.warn(`${kind} could not be read: ${part.message}`);
      else if (part) options[kind] = part.filter(({ view }) => isOfType(kind, view, type));
    }
    for (const { value, view, todo } of options.awsRoles ?? [])
      if (todo) call.warn(`The role ${call.mask(value || String(view["roleId"]))} is not authorized yet: ${todo}.`);
    const found = Object.entries(options).map(([kind, list]) => `${list.length} ${kind}`);
    return {
      outcome: "ok",
      summary: `${type.type} needs: ${type.prerequisite} Found: ${found.join(", ") || "nothing to choose from"}.${wayToPrivate(type, call)}`,
      ...viewsOf(options),
      ...templateOf(type, options, call.mask),
      stages: standsIn(type.type, type.exampleName ?? "NAME"),
    };
  },
});

/** How what cannot be reached publicly comes to be reached, where the tools for that are offered. */
function wayToPrivate({ type, uses }: Type, { settings, way }: Call): string {
  const links = pairs.filter(({ usedBy }) => usedBy.type === type).map(titleOf);
  if (links.length === 0 || !settings.toolsets.includes("network")) return "";
  const peering = "vpcPeerings" in uses ? `, or ${way("accept a VPC peering", "answer_vpc_peering")}` : "";
  return ` Not reachable publicly? ${way("Make a private link", "create_private_link")} (${links.join(", ")})${peering}; ${way("look how far it is", "get_stream_networking")}.`;
}

/** A private link leads to one vendor's service. */
function isOfType(kind: OptionKind, { vendor }: JsonObject, { linkVendors }: Type): boolean {
  return kind !== "privateLinks" || linkVendors.includes(String(vendor));
}

function viewsOf(options: OptionsByKind): Partial<Record<OptionKind, JsonObject[]>> {
  return Object.fromEntries(Object.entries(options).map(([kind, list]) => [kind, list.map(({ view }) => view)]));
}

/**
 * A connection that can be sent once its blanks are filled in: each value is the first option that can be used, a blank
 * in capitals, or one of the few values that a field takes. Only the options come from outside.
 */
function templateOf(
  { type, example, exampleName: name = "NAME", uses, schema }: Type,
  options: OptionsByKind,
  mask: Mask,
) {
  const fields = describeFields(schema);
  const traitAt = (path: Path): Trait => {
    const field = schemaAt(schema, path);
    return field ? traitOf(field) : {};
  };
  // Settings are a matter of taste, so an example's are left out.
  const kept = Object.entries(example).filter(([field]) => traitAt([field]).holds !== "settings");
  /** A reference, or a documented value. */
  const isKept = ({ holds, knownWhere }: Trait) => holds === "secret" || knownWhere !== undefined;
  const asBlank = (path: Path, example: unknown) => {
    const blank = blankFor(path, traitAt(path));
    return Array.isArray(example) ? [blank] : blank;
  };
  let template: JsonObject = { type, name, ...Object.fromEntries(kept) };
  for (const { path, values } of fields) {
    const value = valueAt(example, path);
    if (!values && (typeof value === "string" || Array.isArray(value)))
      template = withValueAt(template, path, isKept(traitAt(path)) ? value : asBlank(path, value));
  }
  for (const { kind } of projectOptions) {
    const path = uses[kind];
    const usable = options[kind]?.find((option) => option.usable);
    if (path && usable) template = withValueAt(template, path, mask(usable.value));
  }
  return { template, blanks: blanksOf(template, fields) };
}

/** Every value of the template that could be another one, and what belongs there. */
function blanksOf(template: JsonObject, fields: readonly FieldDescription[]) {
  const isGroup = (path: Path) => fields.some((other) => samePath(other.path.slice(0, -1), path));
  return fields
    .filter(({ path, values }) => valueAt(template, path) !== undefined && !isGroup(path) && values?.length !== 1)
    .map(({ path, description, values = [] }) => {
      const isComplete = values.every((value) => description.includes(value));
      return { path: dotted(path), meaning: isComplete ? description : `${description}: ${values.join(", ")}` };
    });
}
