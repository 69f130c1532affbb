/** A dry run of a create: the request, the same in other tools' words, and what Atlas would say. */
import { type AtlasRequest, headersOf, type Workspace } from "../../atlas/endpoints.ts";
import { userAgent } from "../../atlas/http.ts";
import type { Connection } from "../../connections/union.ts";
import { equivalentsOf } from "../../equivalents/equivalents.ts";
import type { PartsOf } from "../../secrets/parts.ts";
import type { Call } from "../../tool/context.ts";
import { type Foreseen, foresee } from "./foresee.ts";

interface Plan {
  request: AtlasRequest;
  workspace: Workspace;
  connection: Connection;
  partsOf: PartsOf;
}

export async function planCreate({ request, workspace, connection, partsOf }: Plan, call: Call) {
  const { settings } = call;
  const foreseen = await foresee(connection, workspace, call);
  for (const warning of foreseen.warnings) call.warn(warning);
  const equivalents = equivalentsOf({
    url: settings.baseUrl + request.path,
    headers: { ...headersOf(request), "user-agent": userAgent },
    ...workspace,
    connection,
    partsOf,
    login: settings.credentials.kind,
    sandbox: settings.sandbox,
  });
  return {
    outcome: "planned" as const,
    summary: summaryOf(foreseen, connection, workspace, call),
    wouldBe: foreseen.wouldBe,
    request: call.planned(request, partsOf),
    equivalents,
  };
}

function summaryOf(
  { wouldBe, warnings }: Foreseen,
  { type, name }: Connection,
  { tenantName }: Workspace,
  { mask }: Call,
): string {
  const what = `the ${type} connection "${mask(name)}" in workspace "${mask(tenantName)}"`;
  if (wouldBe === "already_exists") return `Would find ${what} there already, as asked for; nothing was created.`;
  if (wouldBe !== undefined && wouldBe !== "created")
    return `Would fail to create ${what} (${wouldBe}): see the warnings. Nothing was created.`;
  const doubt = warnings.length > 0 ? " It may fail: see the warnings." : "";
  return `Would create ${what}; nothing was created.${doubt}`;
}
