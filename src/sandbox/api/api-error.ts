/** The errors of the Atlas Admin API. */
import { STATUS_CODES } from "node:http";

/** One field of a request body that was refused. */
export interface FieldViolation {
  field: string;
  description: string;
}

interface Particulars {
  parameters?: readonly string[];
  fields?: readonly FieldViolation[];
  headers?: Readonly<Record<string, string>>;
}

/** Thrown wherever a request is refused; it becomes the answer with its status and body. */
export class ApiError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: number, errorCode: string, detail: string, particulars: Particulars = {}) {
    super(detail);
    this.status = status;
    this.headers = particulars.headers ?? {};
    this.body = {
      error: status,
      reason: STATUS_CODES[status] ?? "Unknown",
      errorCode,
      detail,
      parameters: particulars.parameters ?? [],
      ...(particulars.fields ? { badRequestDetail: { fields: particulars.fields } } : {}),
    };
  }
}

/** The 400 to a body whose fields do not fit. */
export function invalidBody(fields: readonly FieldViolation[]): ApiError {
  const names = fields.map(({ field }) => field);
  return new ApiError(400, "VALIDATION_ERROR", `The request body is invalid: ${names.join(", ")}.`, {
    parameters: names,
    fields,
  });
}
