/** One call of a tool, from its arguments to a result free of secrets. Whatever goes wrong becomes a result as well. */
import { AtlasFailure } from "../atlas/failure.ts";
import { loadTool } from "./catalog.ts";
import { failed, invalidInput } from "./failure.ts";
import { InvalidInput } from "./invalid-input.ts";
import { type PersonAnswer, PersonNeeded } from "./person.ts";
import type { ErrorKind, Result } from "./result.ts";
import type { Progress, Services } from "./tool.ts";

/** What the protocol gives for a call. */
export interface CallClient {
  /** Aborted when the client cancels the call or goes away. */
  signal: AbortSignal;
  progress?: (progress: Progress) => void;
  /** Whether it can have a person open a page. */
  canOpenPages?: boolean;
  /** What came of the page that an earlier entry of this call asked for. */
  answer?: PersonAnswer;
}

/**
 * The result, or what a person has to do before there is one.
 * @throws {UnknownTool} Nothing else: what goes wrong in a tool is its result.
 */
export async function callTool(
  name: string,
  args: unknown,
  shared: Services,
  client: CallClient,
): Promise<Result | PersonNeeded> {
  const { redactor, settings } = shared;
  const { progress } = client;
  const tool = await loadTool(name, settings);
  const began = performance.now();
  const requestId = crypto.randomUUID().slice(0, 8);
  const services = servicesOf(requestId, shared);
  const forget: (() => void)[] = [];
  const cancel = new AbortController();
  const onAbort = () => cancel.abort(new AtlasFailure("cancelled", "The call was cancelled"));
  client.signal.addEventListener("abort", onAbort, { once: true });
  if (client.signal.aborted) onAbort();
  const answer = (result: Result) => {
    logEnd(name, result, performance.now() - began, services);
    return redacted(result, requestId, redactor);
  };
  try {
    const result = await tool.call(args, services, {
      signal: cancel.signal,
      ...(progress && {
        progress: (report: Progress) => progress({ ...report, message: redactor.text(report.message) }),
      }),
      canOpenPages: client.canOpenPages === true && settings.secretPage,
      ...(client.answer && { answer: client.answer }),
      keepSecret: (secrets) => {
        forget.push(redactor.add(secrets));
      },
    });
    if (!(result instanceof PersonNeeded)) return answer(result);
    return new PersonNeeded({ ...result, message: redactor.text(result.message) });
  } catch (error) {
    return answer(resultOf(error, services));
  } finally {
    client.signal.removeEventListener("abort", onAbort);
    // A write that this call left behind is still to be reported on the log, in words that may hold what was sent.
    void Promise.allSettled(shared.abandoned).then(() => {
      for (const release of forget) release();
    });
  }
}

/** The services as one call uses them: what it logs can be told from what others log at the same time. */
function servicesOf(requestId: string, { log: sharedLog, atlas, ...rest }: Services): Services {
  const log = sharedLog.with({ requestId });
  return { ...rest, log, atlas: atlas.observedBy((attempt) => log.debug("HTTP request", { ...attempt })) };
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
  const facts = { tool, outcome, milliseconds: Math.round(milliseconds) };
  if (!error) {
    log.info("Call ended", facts);
    return;
  }
  const { kind, status } = error;
  const level = forPeople.has(kind) ? "warning" : "info";
  log[level]("Call failed", { ...facts, kind, ...(status !== undefined && { status }), summary });
}

function resultOf(error: unknown, { redactor, log }: Services): Result {
  if (error instanceof InvalidInput) return invalidInput(error);
  if (error instanceof AtlasFailure) return failed(error, {}, (text) => redactor.text(text));
  log.error("A tool failed unexpectedly", {
    error: error instanceof Error ? (error.stack ?? error.message) : "unknown",
  });
  // A defect may strike after something was sent, so nothing better can be promised.
  const defect = new AtlasFailure("unknown_outcome", "The server failed unexpectedly; its log on stderr says more");
  return failed(defect, {}, (text) => redactor.text(text));
}

/**
 * The result with every known secret masked. What the agent said itself of where it works, and the server's own words
 * at their own place, are left: a password or header that happens to be such a word must not make a result unreadable.
 */
function redacted(result: Result, requestId: string, redactor: Services["redactor"]): Result {
  const { outcome, error } = result;
  const project = result["project"];
  const masked: Result = { ...result, ...Object(redactor.value(result)), outcome };
  if (project !== undefined) masked["project"] = project;
  if (masked.error && error) masked.error = { ...masked.error, kind: error.kind, requestId };
  return masked;
}
