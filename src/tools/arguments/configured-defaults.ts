/** Which arguments have a default that can be configured. */
import type { Settings } from "../../config/settings.ts";

/** The configured values, by the name of the argument. */
export function configuredDefaults({
  projectId,
  tenantName,
}: Pick<Settings, "projectId" | "tenantName">): ReadonlyMap<string, string> {
  return new Map(
    Object.entries({ groupId: projectId, tenantName }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
}
