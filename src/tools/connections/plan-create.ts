/** A dry run of a create: the request, the same in other tools' words, and what Atlas would say. */
import { type AtlasRequest, headersOf, type Workspace } from "../../atlas/endpoints.ts";
import { userAgent } from "../../atlas/http.ts";
import type { Connection } from "../../connections/union.ts";
import { equivalentsOf } from "../../equivalents/equivalents.ts";
import type { PartsOf } from "../../secrets/parts.ts";
import type { Call } from "../../tool/context.ts";
import { foresee } from "./foresee.ts";

interface Plan {
  request: AtlasRequest;
  workspace: Workspace;
  connection: Connection;
  partsOf: PartsOf;
}

export async function planCreate({ request, workspace, connection, partsOf }: Plan, call: Call) {
  const { settings } = call;
  const foreseen = await foresee(connection, workspace, call);
  for (const warning of foreseen) call.warn(warning);
  const equivalents = equivalentsOf({
    url: settings.baseUrl + request.path,
    headers: { ...headersOf(request), "user-agent": userAgent },
    ...workspace,
    connection,
    partsOf,
    login: settings.credentials.kind,
  });
  const doubt = foreseen.length > 0 ? " It may fail: see the warnings." : "";
  return {
    outcome: "planned" as const,
    summary: `Would create the ${connection.type} connection "${call.mask(connection.name)}" in workspace "${call.mask(workspace.tenantName)}"; nothing was created.${doubt}`,
    request: call.planned(request, partsOf),
    equivalents,
  };
}
