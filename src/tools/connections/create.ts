/** `create_stream_connection`: sends the create at most once and says what became of it. */
import { z } from "zod/v3";
import {
  type AtlasRequest,
  createConnection,
  createFailoverConnection,
  type Find,
  getConnection,
  headersOf,
  type WorkspacePlace,
} from "../../atlas/endpoints.ts";
import { userAgent } from "../../atlas/http.ts";
import { compare } from "../../connections/compare.ts";
import type { Connection } from "../../connections/union.ts";
import { equivalentsOf } from "../../equivalents/equivalents.ts";
import type { JsonObject } from "../../json.ts";
import { ownWords, unlisted } from "../../schema/fields.ts";
import { InvalidInput } from "../../schema/problems.ts";
import type { PartsOf } from "../../secrets/parts.ts";
import type { Call, Create } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { dryRun } from "../../tool/dry-run.ts";
import { plannedRequest, warnings } from "../../tool/result.ts";
import { workspaceArguments } from "../workspaces/resource.ts";
import { completeConnection, connectionArgument, connectionToPlan, secretsArgument } from "./connection-argument.ts";
import {
  type FailoverPlace,
  failoverArgument,
  failoverProblems,
  findFailover,
  foreseeFailover,
  getFailover,
} from "./failover.ts";
import { type Foreseen, foresee, warnOfUnready } from "./foresee.ts";
import {
  comparison,
  connection,
  connectionView,
  readyConnection,
  secretsNotCompared,
  waitUntilReady,
} from "./resource.ts";

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
      failoverOf: failoverArgument,
    })
    .strict(),
  outcomes: ["created", "already_exists", "planned"],
  output: {
    connection: connectionView,
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
  async run(
    { groupId, tenantName, connection: argument, secrets, dryRun, waitUntilReady: wait, failoverOf, ...style },
    call,
  ) {
    const workspace = { groupId, tenantName };
    const { partsOf } = argument;
    const failover = failoverOf === undefined ? undefined : { ...workspace, failoverOf };
    const problems = failover ? failoverProblems(argument.fields, ["connection"]) : [];
    if (problems.length > 0) throw new InvalidInput(problems, undefined, argument.warnings);
    const requestOf = (body: Connection | JsonObject) =>
      failover
        ? createFailoverConnection(workspace, failover.failoverOf, body, style)
        : createConnection(workspace, body, style);
    // Before a person is asked for anything.
    if (dryRun || argument.missing.length > 0) await call.permit([requestOf(argument.fields)]);
    const creationOf = (requested: Connection): Creation => ({
      request: requestOf(requested),
      ...(failover && { find: findFailover(failover, requested.region) }),
      workspace,
      requested,
      partsOf,
    });
    const plan = async (requested: Connection, hasSecrets: boolean) => {
      const obstacle = failover && (await foreseeFailover(requested, failover, call));
      return planCreate({ ...creationOf(requested), failover }, hasSecrets, call, obstacle);
    };
    if (dryRun && secrets !== "ask") {
      const { connection: requested, isWhole } = connectionToPlan(argument, call);
      return plan(requested, isWhole || call.canAskPerson);
    }
    const requested = await completeConnection(argument, secrets === "ask", call);
    if (dryRun) return plan(requested, true);
    if (failover) await foreseeFailover(requested, failover, call);
    const creation = { ...creationOf(requested), waits: wait };
    const began = call.now();
    const { outcome, existing, caveat } = await createConnectionOnce(creation, call);
    const { name } = requested;
    const find = failover ? getFailover(failover, existing) : getConnection(workspace, name);
    const latest = wait ? await readyConnection(existing, find, name, call, undefined, began) : existing;
    return {
      outcome,
      summary: summaryOf(outcome, requested, { ...workspace, failoverOf }, latest["state"], call) + caveat,
      connection: connection.view(latest),
    };
  },
});

interface Creation {
  request: AtlasRequest;
  /** Shows whether it is there; by its name where this is left out. */
  find?: Find;
  workspace: WorkspacePlace;
  requested: Connection;
  partsOf: PartsOf;
  /** Whether what has the name and is being deleted is waited for. */
  waits?: boolean;
}

type Planned = Creation & { failover: FailoverPlace | undefined };

/** A dry run: the request, its equivalents, and what would come of it, where its secrets can be had. */
async function planCreate(
  { failover, ...creation }: Planned,
  hasSecrets: boolean,
  call: Call,
  obstacle: string | undefined,
) {
  const { request, workspace, requested, partsOf } = creation;
  const { settings } = call;
  const seen = await foresee(writeOf(creation), requested, workspace, call);
  const likely: Foreseen =
    obstacle !== undefined && seen.wouldBe === "created" ? { ...seen, wouldBe: "bad_request" } : seen;
  const foreseen: Foreseen = hasSecrets ? likely : { ...likely, wouldBe: "invalid_input" };
  for (const warning of foreseen.warnings) call.warn(warning);
  const equivalents = equivalentsOf({
    url: settings.baseUrl + request.path,
    headers: { ...headersOf(request), "user-agent": userAgent },
    ...workspace,
    failoverOf: failover?.failoverOf,
    connection: requested,
    partsOf,
    login: settings.credentials.kind,
    sandbox: settings.sandbox,
  });
  return {
    outcome: "planned" as const,
    summary: plannedSummary(foreseen, requested, failover ?? workspace, call),
    wouldBe: foreseen.wouldBe,
    request: call.planned(request, partsOf),
    equivalents,
  };
}

function plannedSummary(
  { wouldBe, warnings }: Foreseen,
  { type, name }: Connection,
  { tenantName, failoverOf }: WorkspacePlace & Partial<FailoverPlace>,
  { mask }: Call,
): string {
  const what = `${kindOf(type, failoverOf, mask)} "${mask(name)}" in workspace "${mask(tenantName)}"`;
  if (wouldBe === "already_exists") return `Would find the ${what} already there, as requested; nothing was created.`;
  if (wouldBe !== undefined && wouldBe !== "created")
    return `Would fail to create the ${what} (${wouldBe}): see the warnings. Nothing was created.`;
  const doubt = warnings.length > 0 ? " It may fail: see the warnings." : "";
  return `Would create the ${what}; nothing was created.${doubt}`;
}

/** The write, and how what has the name is compared with what is requested. */
const writeOf = ({ request, find, workspace, requested, partsOf, waits }: Creation): Create => ({
  request,
  find: find ?? getConnection(workspace, requested.name),
  name: requested.name,
  differences: (found) => compare(requested, found, workspace.groupId),
  partsOf,
  waits,
  ...comparison(requested),
});

/** Creates a connection, with a warning of what could not be compared of one that was already there. */
export async function createConnectionOnce(creation: Creation, call: Call) {
  const { workspace, requested } = creation;
  const creating = call.create(writeOf(creation));
  const [{ outcome, latest: existing }] = await Promise.all([creating, warnOfUnready(requested, workspace, call)]);
  if (outcome === "created") return { outcome, existing, caveat: "" };
  for (const warning of secretsNotCompared(requested, existing, call)) call.warn(warning);
  return { outcome, existing, caveat: comparison(requested).caveat(existing) };
}

const kindOf = (type: string, failoverOf: string | undefined, mask: Call["mask"]) =>
  failoverOf === undefined ? `${type} connection` : `${type} failover connection of "${mask(failoverOf)}",`;

function summaryOf(
  outcome: "created" | "already_exists",
  { type, name }: Connection,
  { tenantName, failoverOf }: WorkspacePlace & { failoverOf: string | undefined },
  state: unknown,
  { mask }: Call,
): string {
  const what = `${kindOf(type, failoverOf, mask)} "${mask(name)}"`;
  const where = `workspace "${mask(tenantName)}"`;
  const is = state === "FAILED" ? "the connection failed (state FAILED)" : `its state is ${mask(String(state))}`;
  const end = state === undefined ? "." : `; ${is}.`;
  if (outcome === "created") return `Created the ${what} in ${where}${end}`;
  return `The ${what} was already there in ${where} and is the one requested${end}`;
}
