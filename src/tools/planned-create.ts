/** A dry run of a create: the request, the same in other tools' words, and what Atlas would say. */
import { type AtlasRequest, headersOf, type Workspace } from "../atlas/endpoints.ts";
import { userAgent } from "../atlas/http.ts";
import type { Connection } from "../connections/union.ts";
import { equivalentsOf } from "../equivalents/equivalents.ts";
import { foresee } from "./foresee.ts";
import { plannedRequest, secretPlaces } from "./planned-request.ts";
import type { Result } from "./result.ts";
import type { CallContext, Services } from "./tool.ts";

interface Plan {
  request: AtlasRequest;
  workspace: Workspace;
  connection: Connection;
  /** Dotted paths of strings that came from a reference. */
  referenced: ReadonlySet<string>;
  warnings: string[];
}

export async function planCreate(
  { request, workspace, connection, referenced, warnings }: Plan,
  services: Services,
  context: CallContext,
): Promise<Result> {
  const { settings } = services;
  const foreseen = await foresee(connection, workspace, services, context);
  const equivalents = equivalentsOf({
    url: settings.baseUrl + request.path,
    headers: { ...headersOf(request), "user-agent": userAgent },
    ...workspace,
    connection,
    isSecret: secretPlaces(referenced),
    login: settings.credentials.kind,
  });
  return {
    outcome: "planned",
    summary: `Would create the ${connection.type} connection "${connection.name}" in workspace "${workspace.tenantName}"; nothing was created.${foreseen.length > 0 ? " It may not work out so: see the warnings." : ""}`,
    project: { ...workspace },
    request: plannedRequest(request, referenced, settings),
    equivalents,
    warnings: [...warnings, ...foreseen],
  };
}
