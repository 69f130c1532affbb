/** Whether two private links are the same: they have no name, so it is what they lead to that tells. */
import { cloudProviders, spellingsOf } from "../atlas/regions-and-tiers.ts";
import type { JsonObject } from "../json.ts";
import { type Pair, pairOf, titleOf } from "./union.ts";

const word = (value: unknown) => String(value ?? "").toUpperCase();

/** The pair that a listed link is of; Atlas and people write it in any case. */
const listedPair = ({ provider, vendor }: JsonObject): Pair | undefined =>
  pairOf({ provider: word(provider), vendor: word(vendor) });

/** Whether `existing`, as Atlas lists it, is the one requested: `maybe` where it has no vendor, which leaves that open. */
export function sameness(requested: JsonObject, existing: JsonObject): "same" | "maybe" | "other" {
  const pair = listedPair(requested);
  if (!pair || word(existing["provider"]) !== pair.provider) return "other";
  const vendor = word(existing["vendor"]);
  const isOpen = vendor === "" || vendor === "GENERIC";
  if (!isOpen && vendor !== pair.vendor) return "other";
  const ends = endsOf(requested, pair);
  if (ends.length === 0 || ends.join("\n") !== endsOf(existing, pair).join("\n")) return "other";
  return isOpen ? "maybe" : "same";
}

/** What tells a link of the pair from others: each value once, in one spelling and in order. */
function endsOf(link: JsonObject, { provider, apart }: Pair): string[] {
  const values = apart.flatMap((field) => {
    const value = link[field];
    if (field === "region") return typeof value === "string" ? [ownRegion(value, provider)] : [];
    return Array.isArray(value) ? value : typeof value === "string" ? [value] : [];
  });
  return [...new Set(values.map(normal))].sort();
}

const ownRegion = (region: string, provider: Pair["provider"]) => spellingsOf(region, provider)?.own ?? region;

/** Ids of Azure and Google have no case; a URI of Google's can stand with its host. */
const normal = (value: unknown): string =>
  String(value)
    .trim()
    .toLowerCase()
    .replace(/^https:\/\/[^/]*googleapis\.com\/compute\/v1\//, "")
    .replace(/[/.]$/, "");

/** A domain in one spelling: Atlas adds the dot at its end. */
export const sameDomain = (one: unknown, other: unknown): boolean =>
  typeof one === "string" && typeof other === "string" && normal(one) === normal(other);

/** A link as people tell it from others: `AWS MSK arn:aws:kafka:…`. */
export function describeLink(link: JsonObject): string {
  const pair = listedPair(link);
  const ends = ["serviceEndpointId", "arn", "azureResourceIds", "gcpServiceAttachmentUris", "region"].map(
    (field) => link[field],
  );
  const [end] = ends.flatMap((value) => (Array.isArray(value) ? value.slice(0, 1) : (value ?? [])));
  const cloud = cloudProviders.find((each) => each === word(link["provider"])) ?? String(link["provider"]);
  return [pair ? titleOf(pair) : cloud, end ?? ""].join(" ").trim();
}
