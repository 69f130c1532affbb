/** The arguments that say where, and those that narrow a list. */
import { z } from "zod/v3";
import { addressable, objectId, withTrait } from "../../schema/fields.ts";

export const groupId = withTrait(objectId("Atlas project id"), { alsoCalled: ["project", "projectid"] });

/** Project and workspace. */
export const workspaceArguments = {
  groupId,
  tenantName: withTrait(addressable("Stream workspace (instance)"), {
    alsoCalled: ["workspace", "workspacename", "instance", "instancename"],
  }),
};

export const nameContains = z.string().optional().describe("Part of the name, in any case");

export function contains(name: unknown, part: string | undefined): boolean {
  return part === undefined || String(name).toLowerCase().includes(part.toLowerCase());
}
