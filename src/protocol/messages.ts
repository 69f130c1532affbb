/**
 * Reads one line as a JSON-RPC message, and says what to do with one that is none. The check is as strict as the
 * SDKs', which drop in silence what they don't accept: a request that got past it would never be answered. What a
 * line held is never repeated in an answer, for it may hold secrets.
 */
import { isDeeperThan } from "../json.ts";

export type MessageId = string | number;
type JsonObject = Record<string, unknown>;

export interface JsonRpcRequest {
  jsonrpc: "2.0";
  id: MessageId;
  method: string;
  params?: JsonObject | undefined;
}

export interface JsonRpcNotification {
  jsonrpc: "2.0";
  method: string;
  params?: JsonObject | undefined;
}

export interface JsonRpcResult {
  jsonrpc: "2.0";
  id: MessageId;
  result: JsonObject;
}

export interface JsonRpcError {
  jsonrpc: "2.0";
  id?: MessageId | undefined;
  error: { code: number; message: string; data?: unknown };
}

export type JsonRpcMessage = JsonRpcRequest | JsonRpcNotification | JsonRpcResult | JsonRpcError;

export function isRequest(message: JsonRpcMessage): message is JsonRpcRequest {
  return "method" in message && "id" in message;
}

/** In `_meta`, the revision of the protocol that a request speaks; before 2026-07-28 none said so. */
export const revisionKey = "io.modelcontextprotocol/protocolVersion";

export function claimedRevision({ params }: JsonRpcRequest): unknown {
  const meta = params?.["_meta"];
  return isObject(meta) ? meta[revisionKey] : undefined;
}

/** The answer to a line that is no message; `id` is null where the line has none that can be given back. */
export interface Refusal {
  jsonrpc: "2.0";
  id: MessageId | null;
  error: { code: number; message: string };
}

export type Reading =
  | { kind: "message"; message: JsonRpcMessage }
  | { kind: "refused"; answer: Refusal }
  /** A reply to a request of ours that cannot be used. Two peers that answered those would never stop. */
  | { kind: "unusable reply"; reason: string };

const parseError = -32700;
const invalidRequest = -32600;
const invalidParams = -32602;

/** Arrays and objects in one another beyond this are refused, so that recursive code behind can't exhaust the stack. */
const maxDepth = 256;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads the bytes of one line; `undefined` for a blank one. A byte order mark at its front is skipped. */
export function readMessage(line: Uint8Array): Reading | undefined {
  let text: string;
  try {
    text = utf8.decode(line);
  } catch {
    return refuse(null, parseError, "Parse error: the line is not valid UTF-8");
  }
  if (!/[^ \t\r]/.test(text)) return undefined;

  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse(null, parseError, "Parse error: the line is not valid JSON");
  }

  if (Array.isArray(value)) {
    return refuse(null, invalidRequest, "Invalid request: MCP has no batches, send each message on a line of its own");
  }
  if (!isObject(value)) return refuse(null, invalidRequest, "Invalid request: a message is a JSON object");
  const isReply =
    typeof value["method"] !== "string" && (value["result"] !== undefined || value["error"] !== undefined);
  const tooDeep = text.length > 2 * maxDepth && isDeeperThan(maxDepth, value);
  if (isReply) return tooDeep ? unusable("it is nested too deeply") : readReply(value);
  if (tooDeep) {
    return refuse(echo(value["id"]), invalidRequest, `Invalid request: nested deeper than ${maxDepth} levels`);
  }
  return readCall(value);
}

/** The answer to a line of more than `maxBytes` bytes. */
export function refuseTooLong(maxBytes: number): Reading {
  return refuse(null, invalidRequest, `Invalid request: the message is too large, the limit is ${maxBytes} bytes`);
}

/** A request or a notification. Members that JSON-RPC does not know are left out: the SDKs refuse them. */
function readCall(value: JsonObject): Reading {
  const { jsonrpc, id, method, params } = value;
  const invalid = (message: string) => refuse(echo(id), invalidRequest, `Invalid request: ${message}`);
  if (jsonrpc !== "2.0") return invalid('jsonrpc must be "2.0"');
  if (id !== undefined && !isId(id)) return invalid("id must be a string or an integer that a double holds exactly");
  if (typeof method !== "string") return invalid("method must be a string");
  if (value["result"] !== undefined || value["error"] !== undefined) {
    return invalid("a message with method has neither result nor error");
  }
  if (params !== undefined && !isObject(params)) return invalid("params must be an object");
  const fault = params && faultOfMeta(params["_meta"]);
  if (fault) return refuse(echo(id), invalidParams, `Invalid params: ${fault}`);

  const call: JsonRpcNotification = { jsonrpc, method, ...(params && { params }) };
  return { kind: "message", message: id === undefined ? call : { ...call, id } };
}

function readReply(value: JsonObject): Reading {
  const { jsonrpc, id, result, error } = value;
  if (jsonrpc !== "2.0") return unusable('jsonrpc must be "2.0"');
  if (result !== undefined && error !== undefined) return unusable("it has both result and error");
  if (error === undefined) {
    if (!isId(id)) return unusable("id must be a string or an integer");
    if (!isObject(result)) return unusable("result must be an object");
    const fault = faultOfMeta(result["_meta"]);
    return fault ? unusable(fault) : { kind: "message", message: { jsonrpc, id, result } };
  }
  if (id === null) return unusable("it is an error that names no request");
  if (id !== undefined && !isId(id)) return unusable("id must be a string or an integer");
  if (!isObject(error)) return unusable("error must be an object");
  const { code, message, data } = error;
  if (!isInteger(code) || typeof message !== "string") return unusable("error must have a code and a message");
  const told = { code, message, ...(data !== undefined && { data }) };
  return { kind: "message", message: { jsonrpc, ...(id !== undefined && { id }), error: told } };
}

/** What the SDKs would refuse in a `_meta`. */
function faultOfMeta(meta: unknown): string | undefined {
  if (meta === undefined) return undefined;
  if (!isObject(meta)) return "_meta must be an object";
  const { progressToken, "io.modelcontextprotocol/related-task": task } = meta;
  if (progressToken !== undefined && !isId(progressToken)) return "progressToken must be a string or an integer";
  if (task !== undefined && !(isObject(task) && typeof task["taskId"] === "string")) {
    return "io.modelcontextprotocol/related-task must be an object with a taskId";
  }
  return undefined;
}

function refuse(id: MessageId | null, code: number, message: string): Reading {
  return { kind: "refused", answer: { jsonrpc: "2.0", id, error: { code, message } } };
}

function unusable(reason: string): Reading {
  return { kind: "unusable reply", reason };
}

/** The id as an answer may carry it: a number that JSON.parse had to round would be the id of another request. */
function echo(id: unknown): MessageId | null {
  if (typeof id === "string") return id;
  return typeof id === "number" && Math.abs(id) <= Number.MAX_SAFE_INTEGER ? id : null;
}

function isId(value: unknown): value is MessageId {
  return typeof value === "string" || isInteger(value);
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
