/** The arguments that say where, and those that narrow a list. */
import { z } from "zod/v3";
import { addressable, objectId, openString, withTrait } from "../../schema/fields.ts";

export const groupId = withTrait(objectId("Atlas project id"), { alsoCalled: ["project", "projectid"] });

/** Project and workspace. */
export const workspaceArguments = {
  groupId,
  tenantName: withTrait(addressable("Stream workspace"), {
    alsoCalled: ["workspace", "workspacename", "instance", "instancename"],
  }),
};

/** @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/tiers/ */
const TIERS = ["SP2", "SP5", "SP10", "SP30", "SP50"];

/** What a processor runs on. Atlas may have more than are known. */
export const tier = (description: string) => openString(TIERS, description).optional();

export const nameContains = z.string().optional().describe("Part of the name, in any case");

export function contains(name: unknown, part: string | undefined): boolean {
  return part === undefined || String(name).toLowerCase().includes(part.toLowerCase());
}
