/** What tools that only read do alike: success is `ok`, and a failure says which place is missing. */
import { getConnection, type Workspace } from "../atlas/endpoints.ts";
import { AtlasFailure, type FailureKind } from "../atlas/failure.ts";
import { isObject, type JsonObject } from "../json.ts";
import { failed } from "./failure.ts";
import { missingPlace, type Place } from "./missing-place.ts";
import type { Result } from "./result.ts";
import type { CallContext, Services } from "./tool.ts";

export async function reading(
  place: Place,
  services: Services,
  context: CallContext,
  read: () => Promise<{ summary: string } & Record<string, unknown>>,
): Promise<Result> {
  try {
    return { outcome: "ok", ...(await read()) };
  } catch (error) {
    if (!(error instanceof AtlasFailure)) throw error;
    return failedAt(place, error, services, context);
  }
}

/**
 * A connection as Atlas shows it.
 * @throws {AtlasFailure}
 */
export async function existingConnection(
  place: Workspace,
  name: string,
  { atlas }: Services,
  { signal }: CallContext,
): Promise<JsonObject> {
  const { body, status } = await atlas.read(getConnection(place, name), signal);
  if (isObject(body)) return body;
  throw new AtlasFailure("atlas_error", "Atlas answered with a connection that cannot be read", { status });
}

/** What to do next, where a failure's own hint is that of a create. */
const hints: Partial<Record<FailureKind, string>> = {
  bad_request: "Atlas refused the request. Correct what `detail` and `fields` name and call again.",
  conflict: "Atlas says that this clashes with what is there. Read `detail`; call again when that has changed.",
  rate_limited: "Wait as long as retryAfterSeconds says (a minute where it is missing), then call again.",
  network: "Check the server's network and proxy; calling again with the same arguments is safe.",
  timeout: "Atlas did not answer in time. Calling again with the same arguments is safe.",
  unknown_outcome: "It may have happened. Look with get_stream_connection, or call again, which is safe.",
};

function hintFor({ kind, facts }: AtlasFailure): { hint?: string } {
  const hint =
    kind === "atlas_error" && facts.retryable
      ? "Atlas or a proxy has a problem; call again with the same arguments in a minute."
      : hints[kind];
  return hint === undefined ? {} : { hint };
}

/** The result for a failure at a place. */
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
  return failed(failure, { project, warnings, ...hintFor(failure), ...missing }, (text) => redactor.text(text));
}
