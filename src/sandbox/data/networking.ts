/** How private links and VPC peerings come into being and go. Both are kept in the shape in which they are shown. */
import type { JsonObject } from "../../json.ts";
import { after } from "./after.ts";
import { type Entry, isFound, newId, type Project } from "./state.ts";

/** Until when each new link is answered with 404, in milliseconds since 1970. */
const hiddenUntil = new WeakMap<Entry, number>();

/** The private links of a project that can be found. */
export const foundLinks = ({ privateLinks }: Project): Entry[] =>
  privateLinks.filter((link) => isFound({ hiddenUntil: hiddenUntil.get(link) ?? 0 }));

interface Times {
  /** How long it takes to settle; half of it IDLE, half WORKING. */
  readyAfterMs: number;
  hiddenMs?: number;
}

/** Adds a private link: one to an end that never exists, by the word `invalid` in it, fails. */
export function addPrivateLink(project: Project, body: JsonObject, { readyAfterMs, hiddenMs = 0 }: Times): Entry {
  const link: Entry = { _id: newId(), ...body, state: "IDLE" };
  hiddenUntil.set(link, Date.now() + hiddenMs);
  project.privateLinks.push(link);
  after(readyAfterMs / 2, () => {
    if (link["state"] === "IDLE") link["state"] = "WORKING";
    after(readyAfterMs / 2, () => settle(link));
  });
  return link;
}

/** Without the domain, Atlas can make no DNS records for Confluent, and waits for it. */
const lacksDomain = ({ vendor, dnsDomain }: Entry) => vendor === "CONFLUENT" && dnsDomain === undefined;

function settle(link: Entry): void {
  if (link["state"] !== "WORKING") return;
  if (/\binvalid\b/.test(JSON.stringify(link))) {
    link["state"] = "FAILED";
    link["errorMessage"] = `Could not connect to ${link["serviceEndpointId"] ?? link["arn"] ?? link["region"]}`;
    return;
  }
  link["interfaceEndpointId"] = `vpce-${String(link["_id"]).slice(0, 17)}`;
  link["providerAccountId"] = ATLAS_ACCOUNT;
  if (!lacksDomain(link)) link["state"] = "DONE";
}

/** Gives a link its domain; one that waited for it goes on. */
export function setDomain(link: Entry, dnsDomain: string, readyAfterMs: number): void {
  link["dnsDomain"] = dnsDomain;
  after(readyAfterMs, () => settle(link));
}

/** Begins to delete a link, which is gone after `goneAfterMs`. */
export function removePrivateLink(project: Project, link: Entry, goneAfterMs: number): void {
  if (isLeavingLink(link)) return;
  link["state"] = "DELETE_REQUESTED";
  after(goneAfterMs / 2, () => {
    link["state"] = "DELETING";
    after(goneAfterMs / 2, () => {
      project.privateLinks = project.privateLinks.filter((each) => each !== link);
    });
  });
}

export const isLeavingLink = ({ state }: Entry) => state === "DELETE_REQUESTED" || state === "DELETING";

/** Atlas's account of AWS. */
export const ATLAS_ACCOUNT = "536727724300";

/** Begins to accept a request, which is active after `readyAfterMs`. */
export function acceptPeering(peering: Entry, readyAfterMs: number): void {
  peering["localStatus"] = "REQUEST_ACCEPT";
  after(readyAfterMs, () => {
    if (peering["localStatus"] !== "REQUEST_ACCEPT") return;
    Object.assign(peering, { localStatus: "ACTIVE", cloudStatus: "active" });
    delete peering["expirationTime"];
  });
}

/** Begins to reject a request, which is over after `readyAfterMs`. */
export function rejectPeering(peering: Entry, readyAfterMs: number): void {
  peering["localStatus"] = "REQUEST_REJECT";
  after(readyAfterMs, () => {
    if (peering["localStatus"] === "REQUEST_REJECT")
      Object.assign(peering, { localStatus: "NONE", cloudStatus: "rejected" });
  });
}

/** Begins to delete a peering, which is gone after `goneAfterMs`. */
export function removePeering(project: Project, peering: Entry, goneAfterMs: number): void {
  if (peering["localStatus"] === "REQUEST_DELETE") return;
  peering["localStatus"] = "REQUEST_DELETE";
  after(goneAfterMs, () => {
    project.vpcPeerings = project.vpcPeerings.filter((each) => each !== peering);
  });
}
