/**
 * `create_stream_connection`: reads the arguments, sends the create at most once and says what became of it.
 */
import { z } from "zod/v3";
import { createConnection, getConnection, type Workspace } from "../atlas/endpoints.ts";
import { AtlasFailure } from "../atlas/failure.ts";
import { writeOnce } from "../atlas/write-once.ts";
import { compare } from "../connections/compare.ts";
import { type Connection, connectionSchema } from "../connections/union.ts";
import { isObject, type JsonObject } from "../json.ts";
import { reportAbandoned } from "./abandoned.ts";
import { checkArguments } from "./arguments/check-arguments.ts";
import { readConnectionArgument, secretsMissing } from "./arguments/connection.ts";
import { dryRun, workspaceShape } from "./arguments/workspace.ts";
import { conflict, secretsCaveat } from "./conflict.ts";
import { connectionView } from "./connection-view.ts";
import { type Circumstances, failed } from "./failure.ts";
import { createHintFor } from "./hints.ts";
import { InvalidInput } from "./invalid-input.ts";
import { missingPlace } from "./missing-place.ts";
import { PersonNeeded } from "./person.ts";
import { createResultSchema, type Result } from "./result.ts";
import { secretRequest } from "./secret-request.ts";
import type { CallContext, Services, Tool } from "./tool.ts";
import { waitUntilReady } from "./wait-until-ready.ts";

const flag = (description: string) => z.boolean().default(false).describe(description);

const input = z
  .object({
    ...workspaceShape,
    connection: connectionSchema,
    dryRun,
    waitUntilReady: flag("Poll until READY or FAILED"),
    envelope: flag("Of Atlas; the result is the same"),
    pretty: flag("Of Atlas; the result is the same"),
    secrets: z
      .enum(["ask"])
      .optional()
      .describe("A person types missing secrets, and those whose value is ask, on a local page"),
  })
  .strict();

/** What is left to check once the connection was read. */
const besidesConnection = input.extend({ connection: z.unknown() });

export const createStreamConnection: Tool = {
  name: "create_stream_connection",
  title: "Create a stream connection",
  description:
    "Creates a connection (source or sink) in an Atlas Stream Processing workspace. Safe to repeat: a name that is " +
    "taken gives already_exists or conflict, never a second connection. Write secrets as ${env:NAME} or ${file:NAME}.",
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input,
  output: createResultSchema,
  async call(args, services, context) {
    const request = await readArguments(args, services, context);
    if (request instanceof PersonNeeded) return request;
    const { workspace, connection, options } = request;
    if (!options.dryRun) return create(request, services, context);
    const planned = createConnection(workspace, connection, options);
    const { planCreate } = await import("./planned-create.ts");
    return planCreate({ ...request, request: planned }, services, context);
  },
};

interface Request {
  workspace: Workspace;
  connection: Connection;
  referenced: ReadonlySet<string>;
  warnings: string[];
  options: { dryRun: boolean; waitUntilReady: boolean; envelope: boolean; pretty: boolean };
}

/**
 * The request, or the page on which a person types what is secret of it.
 * @throws {InvalidInput} with everything that is wrong, not only the first thing.
 */
async function readArguments(args: unknown, services: Services, context: CallContext): Promise<Request | PersonNeeded> {
  const { asked, settings } = services;
  const tool = createStreamConnection.name;
  const typed = context.answer ? await asked.answer(context.answer, tool, args, context) : undefined;
  const ask = isObject(args) && args["secrets"] === "ask";
  const argument = await readConnectionArgument(args, services, context, { ask, ...(typed && { typed }) });
  const {
    groupId,
    tenantName,
    connection: _,
    secrets: __,
    ...options
  } = await checkArguments(besidesConnection, args, services, context, {
    more: argument.problems,
    known: input,
  });
  const { connection, given, referenced, warnings, missingSecrets } = argument;
  const workspace = { groupId, tenantName };
  if (missingSecrets.length > 0) {
    if (!context.canOpenPages) throw secretsMissing(missingSecrets, settings.secretEnv, ask);
    return asked.ask(tool, args, secretRequest(given, missingSecrets, workspace));
  }
  if (!connection) throw new InvalidInput(argument.problems);
  return { workspace, connection, referenced, warnings, options };
}

async function create(request: Request, services: Services, context: CallContext): Promise<Result> {
  const { workspace, connection, warnings, options } = request;
  const { atlas, settings, redactor } = services;
  const find = getConnection(workspace, connection.name);
  const refused = (failure: AtlasFailure, more: Circumstances = {}) =>
    failed(failure, { project: workspace, warnings, hint: createHintFor(failure), ...more }, (text) =>
      redactor.text(text),
    );
  /** The refusal where another connection has the name; undefined where it is the one asked for. */
  const clash = (existing: JsonObject, cause: AtlasFailure) => {
    const differences = compare(connection, existing, workspace.groupId);
    if (differences.length === 0) return undefined;
    const { failure, circumstances } = conflict(connection, existing, differences, cause);
    return refused(failure, circumstances);
  };

  try {
    const outcome = await writeOnce(
      atlas,
      { request: createConnection(workspace, connection, options), find },
      {
        signal: context.signal,
        checkMs: settings.checkMs,
        onAbandoned: reportAbandoned("create", connection.name, services, (shown) =>
          compare(connection, shown, workspace.groupId).length === 0
            ? "it happened"
            : "another connection has the name",
        ),
      },
    );
    if (outcome.kind === "answered") return finish("created", outcome.body, request, services, context);
    const found = outcome.kind === "found" ? outcome.body : {};
    const refusal = clash(found, outcome.cause);
    if (refusal) return refusal;
    warnings.push(
      `${outcome.cause.message}, so Atlas was asked: the connection is there and is the one asked for` +
        ` (it may have been there before).${secretsCaveat(connection)}`,
    );
    return finish("created", found, request, services, context);
  } catch (error) {
    if (!(error instanceof AtlasFailure)) throw error;
    if (error.kind === "not_found") return refused(error, await missingPlace(error, workspace, atlas, context.signal));
    if (error.kind !== "conflict") return refused(error);
    const existing = await whatIsThere(services, find, context.signal);
    if (!existing) return refused(error);
    return clash(existing, error) ?? finish("already_exists", existing, request, services, context);
  }
}

async function finish(
  outcome: "created" | "already_exists",
  body: JsonObject,
  { workspace, connection, warnings, options }: Request,
  services: Services,
  context: CallContext,
): Promise<Result> {
  const find = getConnection(workspace, connection.name);
  const waited = options.waitUntilReady
    ? await waitUntilReady(body, find, services, context)
    : { connection: body, warnings: [] };
  return {
    outcome,
    summary: summaryOf(outcome, connection, workspace, waited.connection["state"]),
    connection: connectionView(waited.connection),
    project: { ...workspace },
    warnings: [...warnings, ...waited.warnings],
  };
}

function summaryOf(
  outcome: "created" | "already_exists",
  connection: Connection,
  { tenantName }: Workspace,
  state: unknown,
): string {
  const what = `${connection.type} connection "${connection.name}"`;
  const where = `workspace "${tenantName}"`;
  const is = state === "FAILED" ? "the connection failed (state FAILED)" : `its state is ${String(state)}`;
  const end = state === undefined ? "." : `; ${is}.`;
  if (outcome === "created") return `Created the ${what} in ${where}${end}`;
  return `The ${what} was already there in ${where} and is the one asked for${end}${secretsCaveat(connection)}`;
}

/** The connection that has the name, or undefined where it cannot be read. */
async function whatIsThere({ atlas }: Services, find: ReturnType<typeof getConnection>, signal: AbortSignal) {
  try {
    const { body } = await atlas.read(find, signal);
    return isObject(body) ? body : undefined;
  } catch (error) {
    if (error instanceof AtlasFailure && error.kind !== "cancelled") return undefined;
    throw error;
  }
}
