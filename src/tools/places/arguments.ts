/** The arguments that say where, and those that narrow a list. */
import { z } from "zod/v3";
import { objectId, withTrait } from "../../schema/fields.ts";

/** A name that can be a path segment: nothing in Atlas is called `.` or `..`. */
export const pathName = () =>
  z
    .string()
    .min(1)
    .refine((name) => !/^\.{1,2}$/.test(name), "cannot be a name in Atlas");

export const groupId = withTrait(objectId("Atlas project id"), { alsoCalled: ["project", "projectid"] });

/** Project and workspace. */
export const workspaceArguments = {
  groupId,
  tenantName: withTrait(pathName().describe("Stream workspace (instance)"), {
    alsoCalled: ["workspace", "workspacename", "instance", "instancename"],
  }),
};

export const nameContains = z.string().optional().describe("Part of the name, in any case");

export function contains(name: unknown, part: string | undefined): boolean {
  return part === undefined || String(name).toLowerCase().includes(part.toLowerCase());
}
