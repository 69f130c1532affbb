/** What an agent is to do next after a failure, where nothing more is known than the failure itself. */
import type { AtlasFailure, FailureKind } from "../atlas/failure.ts";

export function hintFor({ kind, facts }: AtlasFailure): string {
  switch (kind) {
    case "configuration":
      return "A person has to set this in the server's environment and restart it; tell them.";
    case "bad_request":
      return "Atlas refused the request. Correct what `detail` and `fields` name and call again.";
    case "unauthenticated":
      return facts.atTokenEndpoint
        ? "Atlas refused the service account's id or secret. A person has to correct MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET."
        : "Atlas refused the configured credentials. A person has to check that they are right, not expired, and allowed from this IP address.";
    case "forbidden":
      return "The credentials lack a role on this project: they need Project Owner or Project Stream Processing Owner. A person grants it under Project Access in Atlas; the IP access list of the credentials can be the reason too.";
    case "not_found":
      return "Check groupId and tenantName.";
    case "conflict":
      return "Atlas says that this clashes with what is there. Read `detail`; call again when that has changed.";
    case "rate_limited":
      return "Wait as long as retryAfterSeconds says (a minute where it is missing), then call again.";
    case "atlas_error":
      return facts.retryable
        ? "Atlas or a proxy has a problem; call again with the same arguments in a minute."
        : "Atlas or a proxy answered in an unexpected way; show this to a person.";
    case "network":
      return "Check the server's network and proxy; calling again with the same arguments is safe.";
    case "timeout":
      return "Atlas did not answer in time. Calling again with the same arguments is safe.";
    case "unknown_outcome":
      return "It may have happened. Look with get_stream_connection, or call again, which is safe.";
    case "cancelled":
      return "The call was cancelled. Call again with the same arguments if it is still wanted.";
  }
}

/** What is different after a create: whether it happened is known, and the name keeps a second one from happening. */
const createHints: Partial<Record<FailureKind, string>> = {
  bad_request: "Atlas refused the connection as it is. Correct what `detail` and `fields` name and call again.",
  conflict:
    "Atlas says that this clashes with what is there. Read `detail`, then choose another name or change what exists.",
  rate_limited:
    "Nothing was changed. Wait as long as retryAfterSeconds says (a minute where it is missing), then call again with the same arguments.",
  network: "Nothing was changed. Check the server's network and proxy; calling again with the same arguments is safe.",
  timeout: "Nothing was changed as far as Atlas shows. Calling again with the same arguments is safe.",
  unknown_outcome:
    "It may have been created. Call again with the same arguments: the name is unique, so the answer is already_exists, conflict or created, never a second connection.",
};

export function createHintFor(failure: AtlasFailure): string {
  const { kind, facts } = failure;
  if (kind === "atlas_error" && facts.retryable) return `Nothing was changed. ${hintFor(failure)}`;
  return createHints[kind] ?? hintFor(failure);
}
