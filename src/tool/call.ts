/**
 * One call of a tool, from its arguments to a result free of secrets. What every tool does alike is done here, once: the
 * arguments, the place, failures into an agent's words, masking, logging, cancelling. Whatever goes wrong is a result too.
 */
import type { Gate } from "../atlas/atlas.ts";
import type { AtlasRequest } from "../atlas/endpoints.ts";
import { AtlasFailure } from "../atlas/failure.ts";
import { type CallPlace, CallRecord } from "../audit/record.ts";
import { ENVIRONMENT } from "../config/settings.ts";
import { isObject, type JsonObject } from "../json.ts";
import { toolRefusal } from "../policy/refusal.ts";
import { allowsTool, type Caller, classOf } from "../policy/rule.ts";
import { traitOf } from "../schema/fields.ts";
import { InvalidInput, noteLine } from "../schema/problems.ts";
import { toldWhileWaiting } from "../secret-page/desk.ts";
import { PersonNeeded, type PersonReply } from "../secret-page/person.ts";
import type { Services } from "../services.ts";
import { callOf, contextOf } from "./build-call.ts";
import type { Call, CallContext } from "./context.ts";
import type { Prepared, Tool } from "./define.ts";
import { asPlanned, type DryRun } from "./dry-run.ts";
import { failed, failureOf, invalidInput, ToolFailure } from "./failure.ts";
import { whatIsMissing } from "./missing.ts";
import { fieldOf, type Subject } from "./resource.ts";
import type { ErrorFacts, ErrorKind, RunOutcome } from "./result.ts";
import { wayWhere, withEveryTool } from "./words.ts";

/** What the protocol gives for a call. */
export interface CallClient {
  /** Aborted when the client cancels the call or goes away. */
  signal: AbortSignal;
  /** Tells the client how far the call is. */
  progress?: Call["progress"];
  /** Whether it can have a person open a page. */
  canOpenPages?: boolean;
  /** Who calls, where that is known. */
  caller?: Caller | undefined;
  /** What its program calls itself, where nothing surer is known. */
  clientName?: string | undefined;
  /** Of the trace that the call is a part of. */
  traceId?: string | undefined;
  /** What came of the page that an earlier entry of this call asked for. */
  reply?: PersonReply;
  /** Whether it is offered a tool; each of them where this is left out. */
  offers?: (tool: string) => boolean;
}

/** What a tool gives back, as the client is to see it. */
export interface CallResult {
  isError: boolean;
  content: JsonObject;
}

type Result = RunOutcome & { warnings?: string[]; error?: ErrorFacts };

/** The result, or what a person has to do before there is one. What goes wrong is the result, so nothing is thrown. */
export async function runTool(
  tool: Tool,
  args: unknown,
  shared: Services,
  client: CallClient,
): Promise<CallResult | PersonNeeded> {
  const { redactor, settings } = shared;
  const { clock } = shared.atlas;
  const began = clock.now();
  const requestId = crypto.randomUUID().slice(0, 8);
  const { rule, audit } = shared;
  const record =
    audit &&
    new CallRecord(
      audit,
      {
        requestId,
        traceId: client.traceId,
        caller: client.caller,
        clientName: client.clientName,
        rule,
        credential: credentialOf(shared),
        tool: tool.name,
        began,
      },
      () => prepared ?? placeIn(args),
      {
        mask: (name) => redactor.field(name),
        now: () => clock.now(),
        onLost: (why) => services.log.error("A line of the audit could not be written", { why }),
      },
    );
  const services = servicesOf(requestId, shared, record);
  const forget: (() => void)[] = [];
  const cancel = new AbortController();
  const onAbort = () => cancel.abort(new AtlasFailure("cancelled", "The call was cancelled"));
  client.signal.addEventListener("abort", onAbort, { once: true });
  if (client.signal.aborted) onAbort();

  const { signal } = cancel;
  const identity = { tool: tool.name, args };
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  let prepared: Prepared | undefined;
  const keepSecret = (secrets: Iterable<string>) => {
    const all = [...secrets];
    // However many a call has, it knows all of its own.
    forget.push(redactor.add(all));
    redactor.remember(all);
  };
  const way = client.offers ? wayWhere(client.offers) : withEveryTool;
  const context = contextOf(services, signal, { keepSecret, way });
  const subject = (): Subject => ({
    resource: tool.resource,
    place: prepared?.place ?? {},
    at: tool.bodyArgument === undefined ? [] : [tool.bodyArgument],
  });
  const dry: DryRun = {};
  const end = (ended: Result): CallResult => {
    const { outcome, ...fields } = prepared?.isDry ? asPlanned(ended, dry, warn) : ended;
    const { groupId, tenantName } = prepared?.place ?? {};
    const project = { ...(groupId !== undefined && { groupId }), ...(tenantName !== undefined && { tenantName }) };
    const told = warnings.length > 0 || (outcome !== "failed" && "warnings" in tool.output);
    const whole: Result = {
      outcome,
      ...fields,
      ...(Object.keys(project).length > 0 && { project }),
      ...(told && { warnings }),
    };
    logEnd(tool.name, whole, clock.now() - began, services);
    record?.end({ outcome, errorKind: whole.error?.kind });
    return masked(whole, requestId, tool, redactor);
  };

  try {
    if (rule && !allowsTool(rule, tool.name, classOf(tool))) {
      record?.refused();
      throw toolRefusal(rule, tool.name);
    }
    await services.keepFiles();
    const typed = client.reply
      ? await toldWhileWaiting(
          services.desk.typed(client.reply, identity, { signal, keepSecret }),
          clock,
          client.progress,
        )
      : [];
    const informed = { ...context, typed };
    prepared = await tool.prepare(args, informed);
    const call = callOf(informed, subject(), services, {
      signal,
      warn,
      ...(prepared.isDry && { dry }),
      progress: (message, at) => client.progress?.(message, at),
      canAskPerson: client.canOpenPages === true && settings.secretPage,
      askPerson: (question) => services.desk.ask(identity, question),
    });
    return end(await prepared.run(call));
  } catch (error) {
    if (error instanceof PersonNeeded) return error;
    if (error instanceof InvalidInput) warnings.push(...error.warnings.map(noteLine));
    return end(await failedResult(error, subject(), services, context));
  } finally {
    client.signal.removeEventListener("abort", onAbort);
    // A write that this call left behind is still to be reported on the log, in words that may hold what was sent.
    void Promise.allSettled(shared.abandoned).then(() => {
      for (const release of forget) release();
    });
  }
}

const placeArguments = ["groupId", "tenantName", "connectionName", "processorName"];

/** Where arguments that nobody has read yet lead, as far as those are names and nothing else. */
function placeIn(args: unknown): CallPlace {
  const given = isObject(args) ? args : {};
  const named = placeArguments.flatMap((argument) => {
    const value = given[argument];
    return typeof value === "string" && /^[\w.-]{1,64}$/.test(value) ? [[argument, value] as const] : [];
  });
  return { place: Object.fromEntries(named), isDry: given["dryRun"] === true };
}

/** The services as one call uses them: what it logs can be told from what others log at the same time. */
function servicesOf(requestId: string, services: Services, record: CallRecord | undefined): Services {
  const { atlas, redactor } = services;
  const log = services.log.with({ requestId });
  const observed = atlas.observedBy(
    (attempt) => {
      log.debug("HTTP request", { ...attempt, path: redactor.name(attempt.path) });
      record?.attempted(attempt);
    },
    gateOf(services, record),
  );
  return { ...services, log, atlas: observed };
}

/** What stands between the call and Atlas: the rule of its caller, and the line that is written before its first write. */
function gateOf({ rule, redactor, restarts }: Services, record: CallRecord | undefined): Gate | undefined {
  const mask = (name: string) => redactor.name(name);
  const judge = rule?.gate({ mask, owes: (request) => restarts.owes(request) });
  if (!record) return judge;
  const noted = async (judged: Promise<void> | undefined, request: AtlasRequest | undefined) => {
    try {
      await judged;
    } catch (error) {
      if (error instanceof AtlasFailure && error.facts.policy) record.refused(request);
      throw error;
    }
  };
  return {
    pass(request, read) {
      try {
        const judged = judge?.pass(request, read);
        return request.method === "GET" ? judged : noted(judged, request).then(() => record.begin(request));
      } catch (error) {
        record.refused(request);
        throw error;
      }
    },
    permit: async (requests, read) => noted(judge?.permit(requests, read), requests[0]),
    seen: (request, answer) => judge?.seen(request, answer) ?? answer,
  };
}

/** What Atlas sees of who calls. */
const credentialOf = ({ rule, settings }: Services): string => rule?.credential?.name ?? settings.credentialSource;

async function failedResult(error: unknown, own: Subject, services: Services, context: CallContext): Promise<Result> {
  const { way } = context;
  if (error instanceof InvalidInput) return invalidInput(error, own.resource, way);
  if (error instanceof AtlasFailure || error instanceof ToolFailure) {
    const known = fromElsewhere(failureOf(error, own), services);
    const {
      failure,
      circumstances: { subject = own, hint },
    } = known;
    if (failure.kind !== "not_found" || hint !== undefined) return failed(known, own, way);
    try {
      return failed(known.with(await whatIsMissing(failure, subject, context)), own, way);
    } catch (other) {
      return failedResult(other, own, services, context);
    }
  }
  const { redactor, log } = services;
  log.error("A tool failed unexpectedly", {
    error: error instanceof Error ? redactor.text(error.stack ?? error.message) : "unknown",
  });
  // A defect may strike after something was sent, so nothing better can be promised.
  const defect = new AtlasFailure("unknown_outcome", "The server failed unexpectedly; its log on stderr says more");
  return failed(new ToolFailure(defect), own, way);
}

/** Credentials that Atlas refuses are corrected where they come from, which no variable may be. */
function fromElsewhere(known: ToolFailure, { settings: { credentialSource } }: Services): ToolFailure {
  const { kind, facts } = known.failure;
  if (kind !== "unauthenticated" || !facts.atTokenEndpoint || credentialSource === ENVIRONMENT) return known;
  return known.with({
    hint: `Atlas refused the service account's id or secret. A person has to correct them in ${credentialSource}.`,
  });
}

/** Failures that the agent cannot mend: a person should find them on the log that is on by default. */
const forPeople: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  "configuration",
  "unauthenticated",
  "forbidden",
  "atlas_error",
  "network",
  "timeout",
  "unknown_outcome",
]);

function logEnd(tool: string, { outcome, summary, error }: Result, milliseconds: number, { log }: Services): void {
  const facts = { tool, outcome, milliseconds };
  if (!error) {
    log.info("Call ended", facts);
    return;
  }
  const { kind, status } = error;
  const level = forPeople.has(kind) ? "warning" : "info";
  log[level]("Call failed", { ...facts, kind, ...(status !== undefined && { status }), summary });
}

/**
 * The result in which what comes from outside is masked by its value. What the server words itself is left as it is: a
 * secret that is an ordinary word must not make a result unreadable.
 */
function masked(
  { outcome, summary, warnings, error, ...fields }: Result,
  requestId: string,
  { resource, output }: Tool,
  redactor: Services["redactor"],
): CallResult {
  const views = Object.entries(fields).map(([name, value]) => {
    const schema = output[name];
    if (schema && traitOf(schema).ownWords) return [name, value];
    return [name, redactor.value(value, name === fieldOf(resource) ? resource.documents : undefined)];
  });
  const content = {
    outcome,
    summary,
    ...Object.fromEntries(views),
    ...(warnings !== undefined && { warnings }),
    ...(error && { error: { ...error, requestId } }),
  };
  // Of a call that brought very many, not all are known any more to who writes the result.
  const cleared = redactor.lastNet(content);
  return { isError: outcome === "failed", content: isObject(cleared) ? cleared : { outcome, summary } };
}
