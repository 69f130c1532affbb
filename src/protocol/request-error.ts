/** A request that cannot be served. Both SDKs answer what a handler throws with its `code`, `message` and `data`. */
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

export const errorCodes = {
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  /** Of the 2025 era; in the 2026 era the SDK makes it the `invalidParams` that it has become there. */
  resourceNotFound: -32002,
  /** Of the 2026 era. */
  unsupportedProtocolVersion: -32022,
} as const;

export function invalidParams(message: string): RequestError {
  return new RequestError(errorCodes.invalidParams, message);
}
