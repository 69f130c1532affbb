/**
 * The messages of MCP, which are those of JSON-RPC 2.0, and the errors with which a request can fail.
 * @see https://www.jsonrpc.org/specification
 */
import { isObject, type JsonObject } from "../json.ts";

export type MessageId = string | number;

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

/** The key in `_meta` for the protocol revision that a request speaks. Before 2026-07-28 no request named one. */
export const revisionKey = "io.modelcontextprotocol/protocolVersion";

/** The revision that a request claims to speak, unchecked; undefined where it names none. */
export function claimedRevision({ params }: Pick<JsonRpcRequest, "params">): unknown {
  const meta = params?.["_meta"];
  return isObject(meta) ? meta[revisionKey] : undefined;
}

/** The `result` of a response, before an era adds its own members to it. */
export interface RequestResult {
  [field: string]: unknown;
  _meta?: never;
}

export const errorCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  /** 2025 era only: in the 2026 era, the SDK turns it into the `invalidParams` that it has become there. */
  resourceNotFound: -32002,
  /** 2026 era only. */
  unsupportedProtocolVersion: -32022,
} as const;

/** A request that cannot be served. Both SDKs respond with the `code`, `message` and `data` of what a handler throws. */
export class RequestError extends Error {
  override name = "RequestError";
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

export function invalidParams(message: string): RequestError {
  return new RequestError(errorCodes.invalidParams, message);
}
