/** `create_stream_connection`: sends the create at most once and says what became of it. */
import { z } from "zod/v3";
import { type AtlasRequest, createConnection, getConnection, type Workspace } from "../../atlas/endpoints.ts";
import { compare } from "../../connections/compare.ts";
import type { Connection } from "../../connections/union.ts";
import { ownWords, unlisted } from "../../schema/fields.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { dryRun, plannedRequest } from "../../tool/dry-run.ts";
import { createHint } from "../../tool/failure.ts";
import { warnings } from "../../tool/result.ts";
import { workspaceArguments } from "../places/arguments.ts";
import { completeConnection, connectionArgument, type GivenConnection, secretsArgument } from "./argument.ts";
import { planCreate } from "./plan-create.ts";
import { connection, readyConnection, secretsNotCompared, shownConnection, waitUntilReady } from "./resource.ts";

const flag = (description: string) => z.boolean().default(false).describe(description);

export default defineTool({
  name: "create_stream_connection",
  title: "Create a stream connection",
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
      envelope: flag("Of Atlas; the result is the same"),
      pretty: flag("Of Atlas; the result is the same"),
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
    if (dryRun) return planCreate({ request, workspace, connection: asked, partsOf: given.partsOf }, call);
    const { outcome, shown, caveat } = await createOnce({ request, workspace, connection: asked, given }, call);
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
  workspace: Workspace;
  connection: Connection;
  given: GivenConnection;
}

/** Sends a create, and says what of one that was there already could not be compared. */
export async function createOnce({ request, workspace, connection: asked, given }: Creation, call: Call) {
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
  { tenantName }: Workspace,
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
