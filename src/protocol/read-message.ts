/**
 * Reads one line as a JSON-RPC message, and says how to respond to a line that is none. The checks are as strict as
 * those of the SDKs, which silently drop what they do not accept: a request that only they refuse would get no response.
 * An error never repeats what the line holds, since that may include secrets.
 */
import { isDeeperThan, isObject, type JsonObject } from "../json.ts";
import { parseJson } from "../schema/numbers.ts";
import { errorCodes, type JsonRpcMessage, type JsonRpcNotification, type MessageId } from "./messages.ts";

/** The response to a line that is not a message. Its `id` is null where the line has none that can be repeated. */
export interface InvalidLineResponse {
  jsonrpc: "2.0";
  id: MessageId | null;
  error: { code: number; message: string };
}

/** What a line turned out to be. */
export type LineContent =
  | { kind: "message"; message: JsonRpcMessage }
  | { kind: "invalid"; response: InvalidLineResponse }
  /** A response that cannot be used. It gets no response itself: two peers that did so would never stop. */
  | { kind: "unusable response"; reason: string };

/** Deeper nesting is refused, so that recursive code that handles the message cannot exhaust the stack. */
const maxDepth = 256;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads the bytes of one line; `undefined` for a blank one. A leading byte order mark is skipped. */
export function readMessage(line: Uint8Array): LineContent | undefined {
  let text: string;
  try {
    text = utf8.decode(line);
  } catch {
    return invalid(null, errorCodes.parseError, "Parse error: the line is not valid UTF-8");
  }
  if (!/[^ \t\r]/.test(text)) return undefined;

  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return invalid(null, errorCodes.parseError, "Parse error: the line is not valid JSON");
  }

  if (Array.isArray(value)) return invalidRequest(null, "MCP has no batches; send each message on its own line");
  if (!isObject(value)) return invalidRequest(null, "a message must be a JSON object");
  const isResponse =
    typeof value["method"] !== "string" && (value["result"] !== undefined || value["error"] !== undefined);
  const tooDeep = text.length > 2 * maxDepth && isDeeperThan(maxDepth, value);
  if (isResponse) return tooDeep ? unusable("it is nested too deeply") : readResponse(value);
  if (tooDeep) return invalidRequest(value["id"], `the message is nested more than ${maxDepth} levels deep`);
  return readCall(value);
}

/** What a line of more than `maxBytes` bytes comes to, which begins so. */
export function lineTooLong(beginning: Uint8Array, maxBytes: number): LineContent {
  const { id, isResponse } = membersIn(beginning);
  if (isResponse) return unusable("it is too large");
  return invalidRequest(id, `the message is too large; the limit is ${maxBytes} bytes`);
}

/** A string, a mark, or a number or word. Sticky, since inside a string nothing is what it looks like. */
const jsonToken = /\s*("[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+)/y;

/** What the beginning of a message shows: its id, where it is there whole, and whether it is a response. */
function membersIn(beginning: Uint8Array): { id: unknown; isResponse: boolean } {
  const text = new TextDecoder().decode(beginning);
  const tokens: string[] = [];
  const names = new Set<unknown>();
  let depth = 0;
  let id: unknown = null;
  jsonToken.lastIndex = 0;
  for (let token = jsonToken.exec(text)?.[1]; token !== undefined; token = jsonToken.exec(text)?.[1]) {
    tokens.push(token);
    const [name = "", colon, value = ""] = tokens.slice(-4);
    // Only what follows a value shows that it has ended.
    if (depth === 1 && colon === ":" && (token === "," || token === "}") && parsed(name) === "id") id = parsed(value);
    if (depth === 1 && token === ":") names.add(parsed(tokens.at(-2) ?? ""));
    if (token === "{" || token === "[") depth += 1;
    if (token === "}" || token === "]") depth -= 1;
    if (tokens[0] !== "{") return { id: null, isResponse: false };
  }
  return { id, isResponse: !names.has("method") && (names.has("result") || names.has("error")) };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** A request or a notification. Members that JSON-RPC does not define are dropped, since the SDKs refuse them. */
function readCall(value: JsonObject): LineContent {
  const { jsonrpc, id, method, params } = value;
  if (jsonrpc !== "2.0") return invalidRequest(id, 'jsonrpc must be "2.0"');
  if (id !== undefined && !isId(id))
    return invalidRequest(id, "id must be a string or an integer between -(2^53 - 1) and 2^53 - 1");
  if (typeof method !== "string") return invalidRequest(id, "method must be a string");
  if (value["result"] !== undefined || value["error"] !== undefined)
    return invalidRequest(id, "a message with a method must have neither a result nor an error");
  if (params !== undefined && !isObject(params)) return invalidRequest(id, "params must be an object");
  const metaProblem = params && problemWithMeta(params["_meta"]);
  if (metaProblem) return invalid(id, errorCodes.invalidParams, `Invalid params: ${metaProblem}`);

  const call: JsonRpcNotification = { jsonrpc, method, ...(params && { params }) };
  return { kind: "message", message: id === undefined ? call : { ...call, id } };
}

function readResponse(value: JsonObject): LineContent {
  const { jsonrpc, id, result, error } = value;
  if (jsonrpc !== "2.0") return unusable('jsonrpc must be "2.0"');
  if (result !== undefined && error !== undefined) return unusable("it has both result and error");
  if (error === undefined) {
    if (!isId(id)) return unusable("id must be a string or an integer");
    if (!isObject(result)) return unusable("result must be an object");
    const metaProblem = problemWithMeta(result["_meta"]);
    return metaProblem ? unusable(metaProblem) : { kind: "message", message: { jsonrpc, id, result } };
  }
  if (id === null) return unusable("it is an error that names no request");
  if (id !== undefined && !isId(id)) return unusable("id must be a string or an integer");
  if (!isObject(error)) return unusable("error must be an object");
  const { code, message, data } = error;
  if (!isInteger(code) || typeof message !== "string") return unusable("error must have a code and a message");
  const known = { code, message, ...(data !== undefined && { data }) };
  return { kind: "message", message: { jsonrpc, ...(id !== undefined && { id }), error: known } };
}

/** What the SDKs would object to in a `_meta`. */
function problemWithMeta(meta: unknown): string | undefined {
  if (meta === undefined) return undefined;
  if (!isObject(meta)) return "_meta must be an object";
  const { progressToken, "io.modelcontextprotocol/related-task": task } = meta;
  if (progressToken !== undefined && !isId(progressToken)) return "progressToken must be a string or an integer";
  if (task !== undefined && !(isObject(task) && typeof task["taskId"] === "string"))
    return "io.modelcontextprotocol/related-task must be an object with a taskId";
  return undefined;
}

function invalidRequest(id: unknown, problem: string): LineContent {
  return invalid(id, errorCodes.invalidRequest, `Invalid request: ${problem}`);
}

function invalid(id: unknown, code: number, message: string): LineContent {
  return { kind: "invalid", response: { jsonrpc: "2.0", id: repeatable(id), error: { code, message } } };
}

function unusable(reason: string): LineContent {
  return { kind: "unusable response", reason };
}

/** The id as a response may repeat it: a number that JSON.parse had to round would be the id of another request. */
function repeatable(id: unknown): MessageId | null {
  if (typeof id === "string") return id;
  return typeof id === "number" && Math.abs(id) <= Number.MAX_SAFE_INTEGER ? id : null;
}

function isId(value: unknown): value is MessageId {
  return typeof value === "string" || isInteger(value);
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
