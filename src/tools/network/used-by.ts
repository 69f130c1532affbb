/** The connections that use a private link: Atlas does not delete one while there are any. */
import { listConnections, listWorkspaces } from "../../atlas/endpoints.ts";
import { linkFields } from "../../connections/access.ts";
import { valueAt } from "../../json.ts";
import type { Call } from "../../tool/context.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { sentence } from "../../tool/words.ts";

export interface Use {
  tenantName: string;
  connectionName: string;
}

/** As many workspaces are read at the same time. */
const SIDE_BY_SIDE = 10;

/** In all workspaces, as far as they can be read; what cannot is warned of. */
export async function usesOfLink(groupId: string, id: string, call: Call): Promise<Use[]> {
  const workspaces = await call.attempt(call.list(listWorkspaces(groupId)));
  if (workspaces instanceof ToolFailure) {
    call.warn(sentence(`Which connections use it could not be read: ${workspaces.message}`));
    return [];
  }
  const names = workspaces.entries.map(({ name }) => String(name));
  const uses: Use[] = [];
  for (let next = 0; next < names.length; next += SIDE_BY_SIDE) {
    const some = names.slice(next, next + SIDE_BY_SIDE);
    const found = await Promise.all(some.map((tenantName) => usesIn(groupId, tenantName, id, call)));
    uses.push(...found.flat());
  }
  return uses;
}

async function usesIn(groupId: string, tenantName: string, id: string, call: Call): Promise<Use[]> {
  const listing = await call.attempt(call.list(listConnections({ groupId, tenantName })));
  if (listing instanceof ToolFailure) {
    call.warn(
      sentence(
        `Which connections of the workspace ${JSON.stringify(call.mask(tenantName))} use it could not be read: ${listing.message}`,
      ),
    );
    return [];
  }
  return listing.entries
    .filter((connection) => linkFields.some((path) => valueAt(connection, path) === id))
    .map(({ name }) => ({ tenantName, connectionName: String(name) }));
}
