/** A private link from an agent → one that Atlas takes, or what is wrong with it, all of it at once. */
import { cloudProviders, ownRegionsOf, spellingsOf } from "../atlas/regions-and-tiers.ts";
import { isObject, type JsonObject, type Path, samePath, stringsIn } from "../json.ts";
import { MASK, type Mask } from "../mask.ts";
import { asMeant, parsed } from "../schema/as-meant.ts";
import { check, choice, type Note, quoted } from "../schema/problems.ts";
import { nearest } from "../schema/spelling.ts";
import { hasReference } from "../secrets/references.ts";
import { anyPrivateLink, type Pair, type PrivateLink, pairOf, pairs, titleOf, vendors } from "./union.ts";

export type LinkReading =
  | { ok: true; link: PrivateLink; pair: Pair; changes: Note[]; warnings: Note[] }
  | { ok: false; problems: Note[]; warnings: Note[] };

/** Reads what stands at `at`. */
export function readPrivateLink(value: unknown, at: Path, mask: Mask = (text) => text): LinkReading {
  const given = asMeant(anyPrivateLink, value, at);
  if (!isObject(given.value)) {
    const message =
      value === undefined
        ? "is required: provider, vendor and their fields"
        : "must be an object {provider, vendor, …}";
    return { ok: false, problems: [{ path: at, message }], warnings: [] };
  }
  const changes = [...given.changes];
  const note = (field: string, message: string): Note => ({ path: [...at, field], message });
  const named = withPairOfArn(given.value, (field, message) => changes.push(note(field, message)));
  const pair = pairOf(named);
  if (!pair) {
    const others = check(anyPrivateLink, named, at, { mask });
    const ofPair = pairProblems(named, at, mask);
    const isTold = ({ path }: Note) => ofPair.some((problem) => samePath(problem.path, path));
    const more = others.ok ? [] : others.problems.filter((problem) => !isTold(problem));
    return { ok: false, problems: [...given.problems, ...ofPair, ...more], warnings: [] };
  }
  const { link, ...ofRegion } = withOwnRegion(named, pair, at, mask);
  changes.push(...ofRegion.changes);
  const { kept, problems: excluded } = withoutExcluded(link, pair, at, (field, message) =>
    changes.push(note(field, message)),
  );
  const checked = check(pair.schema, kept, at, { mask });
  const whole = { ...kept, ...(pair.vendor === "CONFLUENT" && pair.provider === "AWS" && withSubDomains(kept)) };
  const problems = [
    ...given.problems,
    ...excluded,
    ...ofRegion.problems,
    ...(checked.ok ? [] : checked.problems.map((problem) => ofThePair(problem, pair, kept, at))),
    ...lacking(kept, pair, at),
    ...refusedTexts(kept, at),
  ];
  const warnings = [...ofRegion.warnings, ...doubtsOf(kept, pair, at, mask)];
  if (problems.length > 0) return { ok: false, problems, warnings };
  return { ok: true, link: anyPrivateLink.parse(whole), pair, changes, warnings };
}

/** What an agent sends in the place of a list may be JSON text, or a single link. */
export const linksIn = (value: unknown): unknown[] | undefined => {
  const list = parsed(value);
  return Array.isArray(list) ? list : undefined;
};

/** Atlas wants the list even where there are none. */
const withSubDomains = ({ dnsSubDomain = [] }: JsonObject) => ({ dnsSubDomain });

/** The ARN of an MSK cluster says which cloud and vendor it is of. */
function withPairOfArn(link: JsonObject, tell: (field: string, message: string) => void): JsonObject {
  const { arn } = link;
  if (typeof arn !== "string" || !/^arn:aws:kafka:/.test(arn)) return link;
  const missing = Object.entries({ provider: "AWS", vendor: "MSK" }).filter(([field]) => link[field] === undefined);
  for (const [field, value] of missing) tell(field, `was left out and was taken as "${value}", which the ARN says`);
  return { ...link, ...Object.fromEntries(missing) };
}

function pairProblems({ provider, vendor, ...rest }: JsonObject, at: Path, mask: Mask): Note[] {
  const isCloud = cloudProviders.some((each) => each === provider);
  const ofCloud = pairs.filter((each) => each.provider === provider).map((each) => each.vendor);
  const ofVendor = pairs.filter((each) => each.vendor === vendor).map((each) => each.provider);
  const names = Object.keys(rest);
  const fitting = pairs.filter(({ schema }) => names.every((name) => Object.hasOwn(schema.shape, name)));
  const fits =
    names.length > 0 && fitting.length > 0 && fitting.length < pairs.length
      ? `; the other fields fit ${fitting.map(titleOf).join(", ")}`
      : "";
  const clouds = ofVendor.length > 0 ? ofVendor : cloudProviders;
  return [
    ...(isCloud ? [] : [{ path: [...at, "provider"], message: choice(provider, clouds, mask) + (vendor ? "" : fits) }]),
    ...(vendor !== undefined && isCloud && ofVendor.length > 0
      ? [
          {
            path: [...at, "vendor"],
            message: `${choice(vendor, ofCloud, mask)}. ${quoted(String(vendor))} is a vendor of ${ofVendor.join(", ")}`,
          },
        ]
      : ofVendor.length > 0
        ? []
        : [{ path: [...at, "vendor"], message: choice(vendor, isCloud ? ofCloud : vendors, mask) + fits }]),
  ];
}

/** The region in the cloud's own spelling, which private links take. */
function withOwnRegion(link: JsonObject, { provider }: Pair, at: Path, mask: Mask) {
  const { region } = link;
  const none = { link, changes: [], problems: [], warnings: [] };
  if (typeof region !== "string" || region === "") return none;
  const note = (message: string): Note => ({ path: [...at, "region"], message });
  const own = spellingsOf(region, provider)?.own;
  if (own !== undefined)
    return own === region
      ? none
      : { ...none, link: { ...link, region: own }, changes: [note(`was taken as "${own}"`)] };
  const other = cloudProviders.find((cloud) => ownRegionsOf(cloud).includes(region.toLowerCase()));
  const quotedName = quoted(mask(region));
  if (other !== undefined)
    return { ...none, problems: [note(`must be a region of ${provider}; ${quotedName} is a region of ${other}`)] };
  const meant = nearest(region, ownRegionsOf(provider));
  const question = meant === undefined ? "." : `; did you mean ${meant}?`;
  return {
    ...none,
    warnings: [note(`${quotedName} is not a region that this server knows${question} It is sent as it is`)],
  };
}

/** Takes out what the pair must not have: where it repeats what another field says, that is told, else it is refused. */
function withoutExcluded(link: JsonObject, pair: Pair, at: Path, tell: (field: string, message: string) => void) {
  const problems: Note[] = [];
  const kept = Object.entries(link).filter(([field, value]) => {
    const why = Object.entries(pair.never).find(([name]) => name === field)?.[1];
    if (why === undefined) return true;
    if (field === "region" && typeof link["arn"] === "string" && link["arn"].split(":")[3] === value)
      tell(field, "repeats what the ARN says and was left out");
    else problems.push({ path: [...at, field], message: `cannot be given for ${titleOf(pair)}: ${why}` });
    return false;
  });
  return { kept: Object.fromEntries(kept), problems };
}

/** A field that is missing is told with what the pair needs. */
function ofThePair(problem: Note, pair: Pair, link: JsonObject, at: Path): Note {
  const field = problem.path.length === at.length + 1 ? problem.path.at(-1) : undefined;
  if (field === undefined || link[field] !== undefined || !pair.needs.some((each) => each === field)) return problem;
  const example = pair.example[field];
  return { ...problem, message: `${problem.message}; ${titleOf(pair)} needs it, such as ${JSON.stringify(example)}` };
}

function lacking(link: JsonObject, pair: Pair, at: Path): Note[] {
  const { oneOf } = pair;
  const [field] = oneOf;
  if (field === undefined || oneOf.some((each) => link[each] !== undefined)) return [];
  const message = `is required, or ${oneOf.slice(1).join(", ")} in its place; ${titleOf(pair)} needs one of them`;
  return [{ path: [...at, field], message }];
}

/** What can stand in no field of a private link. */
function refusedTexts(link: JsonObject, at: Path): Note[] {
  return stringsIn(link).flatMap(({ text, path }) => {
    const message = hasReference(text)
      ? "cannot be a reference: only secrets, URLs and user names of a connection can"
      : text.includes(MASK)
        ? `holds ${MASK}, which this server shows in place of a secret; give the value itself`
        : undefined;
    return message === undefined ? [] : [{ path: [...at, ...path], message }];
  });
}

const MAY_REFUSE = "Atlas may refuse it";
const BLANK = /^<.*>$|(?:^|[./])(?:REGION|ACCOUNT|NAMESPACE)(?:$|[./])/;

/** What may be wrong though it is valid. */
function doubtsOf(link: JsonObject, pair: Pair, at: Path, mask: Mask): Note[] {
  const { provider, vendor, needs, takes, oneOf } = pair;
  const known: readonly string[] = ["provider", "vendor", ...needs, ...takes, ...oneOf];
  const notes: Note[] = Object.keys(link)
    .filter((field) => !known.includes(field) && Object.hasOwn(pair.schema.shape, field))
    .map((field) => ({
      path: [...at, field],
      message: `is not documented for ${titleOf(pair)}; Atlas may ignore or refuse it`,
    }));
  for (const { text, path } of stringsIn(link))
    if (BLANK.test(text))
      notes.push({ path: [...at, ...path], message: `is a blank of a template that was not filled in; ${MAY_REFUSE}` });
  const doubt = (field: string, is: (text: string) => boolean, should: string) => {
    const value = link[field];
    if (typeof value === "string" && !BLANK.test(value) && !is(value))
      notes.push({ path: [...at, field], message: `is normally ${should}; ${quoted(mask(value))} was given` });
  };
  const { region } = link;
  if (vendor === "S3" || vendor === "LAMBDA") {
    const service = `com.amazonaws.${typeof region === "string" ? region : "REGION"}.${vendor.toLowerCase()}`;
    doubt("serviceEndpointId", (text) => text === service, `${service}, of the same region`);
  }
  if (provider === "AZURE")
    doubt("serviceEndpointId", (text) => text.startsWith("/subscriptions/"), "an ARM id (/subscriptions/…)");
  if (vendor === "EVENTHUB")
    doubt(
      "serviceEndpointId",
      (text) => !/\/eventhubs\//i.test(text),
      "the ARM id of the namespace, not of an event hub",
    );
  if (vendor === "AZURE_BLOB_STORAGE")
    doubt("dnsDomain", (text) => /^[^.]+\.blob\.core\.windows\.net\.?$/i.test(text), "ACCOUNT.blob.core.windows.net");
  if (provider === "AWS" && vendor === "CONFLUENT" && link["dnsDomain"] === undefined)
    notes.push({
      path: [...at, "dnsDomain"],
      message: "is normally needed, but of an Enterprise cluster, of which it is set once Confluent shows it",
    });
  return notes;
}
