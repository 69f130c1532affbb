/**
 * `$https` and `$externalFunction`: a request for each document, whose answer is given with the trial. Nothing is called.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-https/
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-externalFunction/
 */
import { PipelineFault, ProcessorFailure, reasonOf } from "../failures.ts";
import type { Document, MakeSink, Message, Outlet, Sink, Surroundings } from "../operator.ts";
import { fromJson, toJson } from "../values/extended-json.ts";
import { Double, isDocument, isNumeric, wholeOf } from "../values/values.ts";
import { Messages } from "./arrivals.ts";
import { isText, partAt, textAt, textFor } from "./body.ts";
import { withField } from "./fields.ts";
import { shownIn } from "./meta.ts";

/** What is asked of the other side for one document. */
interface Request {
  /** As the messages of a sink show it. */
  sent: Document;
  /** What `{$meta: "stream.https"}` has of it. */
  meta?: Document;
}

interface Caller {
  stage: string;
  onError: "dlq" | "ignore" | "fail";
  /** Where the answer goes; undefined where nothing is done with it. */
  as: string | undefined;
  parsesTexts: boolean;
  requestFor(message: Message, out: Outlet): Request;
}

const ON_ERROR = ["dlq", "ignore", "fail"] as const;

function onErrorIn(body: Document): Caller["onError"] {
  const { onError = "dlq" } = body;
  const found = ON_ERROR.find((each) => isText(onError) && each === onError.toLowerCase());
  if (!found) throw new PipelineFault("onError must be dlq, ignore or fail");
  return found;
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const WITH_BODY = new Set(["POST", "PUT", "PATCH"]);

/** A middle stage too: then nobody asks what arrived. */
export const https: MakeSink = (body, surroundings) => {
  if (!isDocument(body)) throw new PipelineFault("its value must be an object");
  const { method = "GET", path } = body;
  if (!isText(method) || !METHODS.includes(method))
    throw new PipelineFault(`method must be one of ${METHODS.join(", ")}`);
  const pathFor = path === undefined ? () => "" : textFor(path, "$https.path", surroundings);
  const parameters = expressionsIn(body, "parameters", surroundings);
  const headers = expressionsIn(body, "headers", surroundings);
  const payload = payloadIn(body, surroundings);
  return caller(
    {
      stage: "$https",
      onError: onErrorIn(body),
      as: body["as"] === undefined ? undefined : textAt(body, "as"),
      parsesTexts: partAt(body, "config")["parseJsonStrings"] === true,
      requestFor(message, out) {
        const value = payload(message, out);
        const query = parameters.map(([name, compute]) => `${encodeURIComponent(name)}=${parameter(compute(message))}`);
        const url = `${pathFor(message)}${query.length > 0 ? `?${query.join("&")}` : ""}`;
        const sentHeaders = Object.fromEntries(headers.map(([name, compute]) => [name, header(compute(message))]));
        return {
          sent: {
            method,
            path: url,
            ...(headers.length > 0 && { headers: sentHeaders }),
            ...(WITH_BODY.has(method) && { value: toJson(value) }),
          },
          meta: { url, method },
        };
      },
    },
    surroundings,
  );
};

/** A middle stage too: then nobody asks what arrived. */
export const externalFunction: MakeSink = (body, surroundings) => {
  if (!isDocument(body)) throw new PipelineFault("its value must be an object");
  const functionName = textAt(body, "functionName");
  const { execution = "sync" } = body;
  if (execution !== "sync" && execution !== "async") throw new PipelineFault('execution must be "sync" or "async"');
  if (execution === "async" && body["as"] !== undefined) throw new PipelineFault("as cannot stand with async");
  const payload = payloadIn(body, surroundings);
  return caller(
    {
      stage: "$externalFunction",
      onError: onErrorIn(body),
      as: body["as"] === undefined ? undefined : textAt(body, "as"),
      parsesTexts: false,
      requestFor: (message, out) => ({
        sent: { functionName, execution, value: toJson(payload(message, out)) },
      }),
    },
    surroundings,
  );
};

function caller(
  { stage, onError, as, parsesTexts, requestFor }: Caller,
  { nextResponse, metaField }: Surroundings,
): Sink {
  const messages = new Messages();
  return {
    arrived: () => messages.arrived(),
    push(message, out) {
      let request: Request;
      try {
        request = requestFor(message, out);
      } catch (error) {
        return out.deadLetter(message, reasonOf(stage, error));
      }
      messages.add(request.sent);
      const response = nextResponse();
      if (response === undefined) {
        out.untried("nothing is called here, and responses holds no answer for it");
        return out.emit(message);
      }
      const { status, value, problem } = readAnswer(response, parsesTexts);
      const https = request.meta && { ...request.meta, httpStatusCode: status, responseTimeMs: 0 };
      const next = https ? shownIn({ ...message, meta: { ...message.meta, https } }, metaField) : message;
      if (problem === undefined && as !== undefined && value !== undefined)
        return out.emit({ ...next, document: withField(next.document, as, value) });
      if (problem === undefined || (onError === "ignore" && problem.kind === "handled")) return out.emit(next);
      if (onError === "dlq" && problem.kind === "handled")
        return out.deadLetter(message, reasonOf(stage, problem.what));
      throw new ProcessorFailure(`${stage}: ${problem.what}`);
    },
  };
}

interface Answer {
  status: number;
  /** Undefined where the other side answered with nothing. */
  value?: unknown;
  /** What is wrong with it: `handled` as `onError` says; any other stops the processor. */
  problem?: { kind: "handled" | "fatal"; what: string };
}

/** The statuses that `onError` is about; any other that is no success stops the processor. */
const HANDLED = new Set([400, 404, 410, 413, 414, 431]);

const ANSWER_FIELDS = new Set(["status", "headers", "body"]);

/** An answer with its status, `{status, headers?, body?}`, or the body alone. */
function readAnswer(response: unknown, parsesTexts: boolean): Answer {
  const status = isDocument(response) ? statusIn(response) : undefined;
  if (!isDocument(response) || status === undefined)
    return { status: 200, ...bodyOf(response, undefined, parsesTexts) };
  if (status >= 200 && status <= 299)
    return { status, ...bodyOf(response["body"], contentTypeIn(response["headers"]), parsesTexts) };
  const what = `Request failure: Received error response from server. status code: ${status}`;
  return { status, problem: { kind: HANDLED.has(status) ? "handled" : "fatal", what } };
}

/** The status of an answer; undefined where the document is a body that happens to have such a field. */
function statusIn(response: Document): number | undefined {
  if (Object.keys(response).some((name) => !ANSWER_FIELDS.has(name))) return undefined;
  const status = wholeOf(response["status"]);
  return status !== undefined && status >= 100 && status <= 599 ? status : undefined;
}

function contentTypeIn(headers: unknown): string | undefined {
  if (!isDocument(headers)) return undefined;
  const [, value] = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type") ?? [];
  return isText(value) ? (value.split(";")[0] ?? "").trim().toLowerCase() : undefined;
}

function bodyOf(body: unknown, contentType: string | undefined, parsesTexts: boolean): Omit<Answer, "status"> {
  if (body === undefined || body === "") return {};
  if (contentType !== undefined && contentType !== "application/json" && contentType !== "text/plain")
    return { problem: { kind: "handled", what: `Unsupported response content-type (${contentType})` } };
  if (contentType === "application/json" && isText(body)) {
    const parsed = parsedJson(body);
    if (parsed === undefined) return { problem: { kind: "handled", what: "Failed to parse response body" } };
    return { value: parsesTexts ? withTextsParsed(parsed.value) : parsed.value };
  }
  return { value: parsesTexts ? withTextsParsed(body) : body };
}

function parsedJson(text: string): { value: unknown } | undefined {
  try {
    return { value: fromJson(JSON.parse(text)) };
  } catch {
    return undefined;
  }
}

/** With every text that holds an object or a list in JSON replaced by that. */
function withTextsParsed(value: unknown): unknown {
  if (isText(value)) {
    const inner = /^\s*[[{]/.test(value) ? parsedJson(value) : undefined;
    return inner ? withTextsParsed(inner.value) : value;
  }
  if (Array.isArray(value)) return value.map(withTextsParsed);
  if (!isDocument(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withTextsParsed(inner)]));
}

const expressionsIn = (body: Document, field: string, { expression }: Surroundings) =>
  Object.entries(partAt(body, field)).map(([name, spec]) => [name, expression(spec)] as const);

function parameter(value: unknown): string {
  if (isText(value) || typeof value === "boolean") return encodeURIComponent(value);
  if (isNumeric(value)) return encodeURIComponent(String(value instanceof Double ? value.value : value));
  throw new Error("Expected $https.parameters values to evaluate as a number, string, or boolean.");
}

function header(value: unknown): string {
  if (isText(value)) return value;
  throw new Error("Expected $https.headers values to evaluate to a string.");
}

/** What is sent of a message: all of it, or what the inner pipeline makes of it. */
function payloadIn(body: Document, { inner }: Surroundings): (message: Message, out: Outlet) => unknown {
  const { payload } = body;
  if (payload === undefined) return ({ document }) => document;
  if (!Array.isArray(payload)) throw new PipelineFault("payload must be a list of stages");
  const operator = inner(payload);
  return (message, out) => {
    const made: Document[] = [];
    operator.push(message, {
      emit: ({ document }) => void made.push(document),
      deadLetter: (_, reason) => {
        throw new Error(reason);
      },
      untried: out.untried,
    });
    if (made.length === 1) return made[0];
    throw new Error("payload did not make one document");
  };
}
