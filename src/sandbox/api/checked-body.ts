/** A request body against its schema. */
import type { z } from "zod/v3";
import { type FieldViolation, invalidBody } from "./api-error.ts";

/** The body as the schema reads it, or the 400 that names every field that does not fit. */
export function checkedBody<Output>(schema: z.ZodType<Output, z.ZodTypeDef, unknown>, body: unknown): Output {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalidBody(parsed.error.issues.flatMap(violations));
}

function violations(issue: z.ZodIssue): FieldViolation[] {
  if (issue.code !== "unrecognized_keys") return [{ field: issue.path.join("."), description: issue.message }];
  return issue.keys.map((key) => ({ field: [...issue.path, key].join("."), description: "unknown field" }));
}
