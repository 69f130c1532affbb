/** VPC peerings as Atlas lists them: it has no way to show one, and lists requests by their account only. */
import { listActivePeerings, listPeeringRequests, type PagedList } from "../../atlas/endpoints.ts";
import { peeringStates } from "../../atlas/states.ts";
import type { JsonObject } from "../../json.ts";
import type { Call } from "../../tool/context.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { sentence } from "../../tool/words.ts";

/** The lists in which a peering can stand. */
export const peeringLists = (groupId: string, requesterAccountId?: string): PagedList[] => [
  listActivePeerings(groupId),
  ...(requesterAccountId === undefined ? [] : [listPeeringRequests(groupId, requesterAccountId)]),
];

export const findPeering = (lists: readonly PagedList[], id: string) => ({
  lists,
  pick: (entries: readonly JsonObject[]) => entries.find(({ _id }) => _id === id),
});

/** The peering of this id as the lists show it. People know it by its name in AWS, too. */
export async function listedPeering(
  lists: readonly PagedList[],
  idOrName: string,
  call: Call,
): Promise<{ id: string; existing?: JsonObject }> {
  const parts = await Promise.all(lists.map((list) => call.attempt(call.list(list))));
  const failures = parts.flatMap((part) => (part instanceof ToolFailure ? [part] : []));
  // Where nothing can be read, the project or the credentials are wrong.
  if (failures.length === parts.length && failures[0]) throw failures[0];
  for (const { message } of failures) call.warn(sentence(`Not all peerings could be read: ${message}`));
  const all = parts.flatMap((part) => (part instanceof ToolFailure ? [] : part.entries));
  const existing = all.find(({ _id }) => _id === idOrName) ?? all.find(({ name }) => name === idOrName);
  if (!existing) return { id: idOrName };
  const id = String(existing["_id"]);
  if (id !== idOrName)
    call.warn(`${JSON.stringify(call.mask(idOrName))} is a name; it was taken as the VPC peering ${id}.`);
  return { id, existing };
}

const isOne = (states: readonly string[], state: unknown) => states.some((each) => each === state);

/** What its two states say of a peering; nothing of a request that waits, or in states that nobody knows. */
export function standingOf({
  localStatus,
  cloudStatus,
}: JsonObject): "accepted" | "rejected" | "leaving" | "over" | undefined {
  if (isOne(peeringStates.leaving, localStatus)) return "leaving";
  if (isOne(peeringStates.rejected, localStatus) || cloudStatus === "rejected") return "rejected";
  if (isOne(peeringStates.accepted, localStatus) || cloudStatus === "active") return "accepted";
  return isOne(peeringStates.over, cloudStatus) ? "over" : undefined;
}

/** Both states, for a sentence. */
export const statesIn = ({ localStatus, cloudStatus }: JsonObject, { mask }: Call): string =>
  `localStatus ${mask(String(localStatus))}, cloudStatus ${mask(String(cloudStatus))}`;
