/** Reads a connection from a request body, as strictly as the union describes it. */
import type { z } from "zod/v3";
import { type Connection, connectionSchema } from "../../connections/union.ts";
import { ApiError, type FieldViolation } from "./api-error.ts";

/** A JSON object as a request body must be one, or its 400. */
export function objectBody(body: unknown): Record<string, unknown> {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return { ...body };
  throw new ApiError(400, "INVALID_JSON", "The request body must be a JSON object.");
}

/** The connection that `body` describes, or the 400 that names every field that does not fit. */
export function connectionBody(body: Record<string, unknown>): Connection {
  const parsed = connectionSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.flatMap(violations));
}

/** A connection with some of its top-level fields replaced; its name and type stay. */
export function patchedBody(present: Connection, changes: Record<string, unknown>): Connection {
  const fixed = (["name", "type"] as const).filter((field) => (changes[field] ?? present[field]) !== present[field]);
  if (fixed.length > 0) throw invalid(fixed.map((field) => ({ field, description: "cannot be changed" })));
  return connectionBody({ ...present, ...changes });
}

function violations(issue: z.ZodIssue): FieldViolation[] {
  if (issue.code !== "unrecognized_keys") return [{ field: issue.path.join("."), description: issue.message }];
  return issue.keys.map((key) => ({ field: [...issue.path, key].join("."), description: "unknown field" }));
}

function invalid(fields: FieldViolation[]): ApiError {
  const names = fields.map(({ field }) => field);
  return new ApiError(400, "VALIDATION_ERROR", `The request body is invalid: ${names.join(", ")}.`, {
    parameters: names,
    fields,
  });
}
