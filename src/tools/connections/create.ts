/** `create_stream_connection`: sends the create at most once and says what became of it. */
import { z } from "zod/v3";
import {
  type AtlasRequest,
  createConnection,
  getConnection,
  headersOf,
  type WorkspacePlace,
} from "../../atlas/endpoints.ts";
import { userAgent } from "../../atlas/http.ts";
import { compare } from "../../connections/compare.ts";
import type { Connection } from "../../connections/union.ts";
import { equivalentsOf } from "../../equivalents/equivalents.ts";
import { ownWords, unlisted } from "../../schema/fields.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { dryRun, plannedRequest } from "../../tool/dry-run.ts";
import { createHint } from "../../tool/failure.ts";
import { warnings } from "../../tool/result.ts";
import { workspaceArguments } from "../workspaces/resource.ts";
import {
  completeConnection,
  connectionArgument,
  type RequestedConnection,
  secretsArgument,
} from "./connection-argument.ts";
import { type Foreseen, foresee } from "./foresee.ts";
import { connection, readyConnection, secretsNotCompared, shownConnection, waitUntilReady } from "./resource.ts";

const flag = (description: string) => z.boolean().default(false).describe(description);

export default defineTool({
  name: "create_stream_connection",
  description:
    "Creates a connection (source or sink) in an Atlas Stream Processing workspace. Safe to repeat: a taken " +
    "name gives already_exists or conflict, never a second connection. A literal secret works; ${env:NAME} or " +
    "${file:NAME} is better.",
  effect: "adds",
  resource: connection,
  input: z
    .object({
      ...workspaceArguments,
      connection: connectionArgument,
      dryRun,
      waitUntilReady,
      envelope: flag("No effect on the result"),
      pretty: flag("No effect on the result"),
      secrets: secretsArgument,
    })
    .strict(),
  outcomes: ["created", "already_exists", "planned"],
  output: {
    connection: shownConnection,
    project: z
      .object({
        groupId: z.string().optional().describe("Project"),
        tenantName: z.string().optional().describe("Workspace"),
      })
      .optional()
      .describe("Where"),
    warnings,
    wouldBe: ownWords(unlisted(z.string().optional())),
    request: plannedRequest,
    equivalents: ownWords(
      unlisted(z.object({ curl: z.string(), atlasCli: z.string(), terraform: z.string() }).optional()),
    ),
  },
  bodyArgument: "connection",
  hint: (failure) => createHint(failure, connection),
  async run({ groupId, tenantName, connection: given, secrets: ask, dryRun, waitUntilReady: wait, ...style }, call) {
    const workspace = { groupId, tenantName };
    const asked = await completeConnection(given, ask === "ask", call);
    const request = createConnection(workspace, asked, style);
    if (dryRun) return planCreate({ request, workspace, connection: asked, given }, call);
    const { outcome, shown, caveat } = await createConnectionOnce(
      { request, workspace, connection: asked, given },
      call,
    );
    const last = wait ? await readyConnection(shown, getConnection(workspace, asked.name), asked.name, call) : shown;
    return {
      outcome,
      summary: summaryOf(outcome, asked, workspace, last["state"], call) + (outcome === "already_exists" ? caveat : ""),
      connection: connection.view(last),
    };
  },
});

interface Creation {
  request: AtlasRequest;
  workspace: WorkspacePlace;
  connection: Connection;
  given: RequestedConnection;
}

/** A dry run: the request, the same in other tools' words, and what Atlas would say. */
async function planCreate({ request, workspace, connection, given: { partsOf } }: Creation, call: Call) {
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
    summary: plannedSummary(foreseen, connection, workspace, call),
    wouldBe: foreseen.wouldBe,
    request: call.planned(request, partsOf),
    equivalents,
  };
}

function plannedSummary(
  { wouldBe, warnings }: Foreseen,
  { type, name }: Connection,
  { tenantName }: WorkspacePlace,
  { mask }: Call,
): string {
  const what = `the ${type} connection "${mask(name)}" in workspace "${mask(tenantName)}"`;
  if (wouldBe === "already_exists") return `Would find ${what} there already, as asked for; nothing was created.`;
  if (wouldBe !== undefined && wouldBe !== "created")
    return `Would fail to create ${what} (${wouldBe}): see the warnings. Nothing was created.`;
  const doubt = warnings.length > 0 ? " It may fail: see the warnings." : "";
  return `Would create ${what}; nothing was created.${doubt}`;
}

/** Sends a create, and says what of one that was there already could not be compared. */
export async function createConnectionOnce({ request, workspace, connection: asked, given }: Creation, call: Call) {
  const unseen = secretsNotCompared(asked);
  const caveat = unseen.length > 0 ? " Secrets cannot be compared, since Atlas does not return them." : "";
  const { outcome, shown } = await call.create({
    request,
    find: getConnection(workspace, asked.name),
    name: asked.name,
    argument: "connection",
    differences: (existing) => compare(asked, existing, workspace.groupId),
    partsOf: given.partsOf,
    caveat,
  });
  if (outcome === "already_exists") for (const warning of unseen) call.warn(warning);
  return { outcome, shown, caveat };
}

function summaryOf(
  outcome: "created" | "already_exists",
  asked: Connection,
  { tenantName }: WorkspacePlace,
  state: unknown,
  { mask }: Call,
): string {
  const what = `${asked.type} connection "${mask(asked.name)}"`;
  const where = `workspace "${mask(tenantName)}"`;
  const is = state === "FAILED" ? "the connection failed (state FAILED)" : `its state is ${mask(String(state))}`;
  const end = state === undefined ? "." : `; ${is}.`;
  if (outcome === "created") return `Created the ${what} in ${where}${end}`;
  return `The ${what} was already there in ${where} and is the one asked for${end}`;
}
