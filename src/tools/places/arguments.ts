/** The arguments that say where, and those that narrow a list. */
import { z } from "zod/v3";
import { tiers } from "../../atlas/regions-and-tiers.ts";
import { addressable, objectId, openString, withTrait } from "../../schema/fields.ts";

export const groupId = withTrait(objectId("Atlas project id"), { alsoCalled: ["project", "projectid"] });

/** Project and workspace. */
export const workspaceArguments = {
  groupId,
  tenantName: withTrait(addressable("Stream workspace"), {
    alsoCalled: ["workspace", "workspacename", "instance", "instancename"],
  }),
};

/** What a processor runs on. Atlas may have more than are known. */
export const tier = (description: string) => openString(tiers, description).optional();

export const nameContains = z.string().optional().describe("Part of the name, in any case");

export function contains(name: unknown, part: string | undefined): boolean {
  return part === undefined || String(name).toLowerCase().includes(part.toLowerCase());
}
