/** The result for a failure at a place, which says what of the place is missing. */
import type { AtlasFailure } from "../atlas/failure.ts";
import { failed } from "./failure.ts";
import { missingPlace, type Place } from "./missing-place.ts";
import type { Result } from "./result.ts";
import type { CallContext, Services } from "./tool.ts";

export async function failedAt(
  place: Place,
  failure: AtlasFailure,
  { atlas, redactor }: Services,
  { signal }: CallContext,
  warnings: string[] = [],
): Promise<Result> {
  const missing = failure.kind === "not_found" ? await missingPlace(failure, place, atlas, signal) : {};
  const { groupId, tenantName } = place;
  const project = { ...(groupId !== undefined && { groupId }), ...(tenantName !== undefined && { tenantName }) };
  return failed(failure, { project, warnings, ...missing }, (text) => redactor.text(text));
}
