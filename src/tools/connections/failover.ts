/**
 * Failover connections: what a connection is in another region, where its processors go on when their own fails. Atlas
 * keeps each beside its primary, under an id; a primary has one for a region at most.
 * @see https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/operation/operation-creategroupstreamconnectionfailoverconnection
 */
import {
  type Find,
  getConnection,
  getFailoverConnection,
  getWorkspace,
  listFailoverConnections,
  type WorkspacePlace,
} from "../../atlas/endpoints.ts";
import { AtlasFailure } from "../../atlas/failure.ts";
import { cloudProviders, regionNamed } from "../../atlas/regions-and-tiers.ts";
import { failoverTypes, hasFailovers } from "../../connections/union.ts";
import type { JsonObject, Path } from "../../json.ts";
import { addressable } from "../../schema/fields.ts";
import { InvalidInput, type Note } from "../../schema/problems.ts";
import { nearest } from "../../schema/spelling.ts";
import type { Call } from "../../tool/context.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { Absent } from "../../tool/resource.ts";
import { someOf } from "../../tool/words.ts";
import { failoverRegionsShown } from "../workspaces/resource.ts";
import { connection } from "./resource.ts";

/** The argument that makes a tool about a failover connection. */
export const failoverArgument = addressable("Primary, of a failover connection").optional();

/** Where a failover connection is: beside the connection of this name. */
export interface FailoverPlace extends WorkspacePlace {
  failoverOf: string;
}

/** What is wrong with a connection as a failover connection; `at` leads to it. */
export function failoverProblems({ type, region }: JsonObject, at: Path): Note[] {
  return [
    ...(hasFailovers({ type })
      ? []
      : [{ path: [...at, "type"], message: `can be ${failoverTypes.join(" or ")} for a failover connection` }]),
    ...(region === undefined
      ? [
          {
            path: [...at, "region"],
            message: "is required for a failover connection: one of the workspace's failover regions",
          },
        ]
      : []),
  ];
}

/** What has the region of a failover connection that is to be created. */
export const findFailover = (place: FailoverPlace, region: unknown): Find => ({
  lists: [listFailoverConnections(place, place.failoverOf)],
  pick: (entries) => entries.find((each) => each["region"] === region),
});

/** @throws {ToolFailure} in words of the primary, where it is not there. */
function aboutPrimary({ failoverOf, ...place }: FailoverPlace, call: Call): Call {
  const named = { ...place, [connection.argument]: failoverOf };
  return call.about({ resource: connection, place: named, at: call.at, named: ["failoverOf"] });
}

/**
 * Looks at what a failover connection is to belong to; gives what is known to stand against it.
 * @throws {ToolFailure} where the primary is not there.
 */
export async function foreseeFailover(
  { name, region }: { name: string; region?: string | undefined },
  place: FailoverPlace,
  call: Call,
): Promise<string | undefined> {
  const { failoverOf } = place;
  const primary = aboutPrimary(place, call);
  const [, workspace] = await Promise.all([
    primary.find(getConnection(place, failoverOf)),
    call.attempt(call.find(getWorkspace(place))),
  ]);
  if (name !== failoverOf)
    call.warn(
      `connection.name: MongoDB's Terraform provider gives a failover connection the name of its primary, ${JSON.stringify(call.mask(failoverOf))}; Atlas may refuse another.`,
    );
  const regions = workspace instanceof ToolFailure ? undefined : failoverRegionsShown(workspace);
  if (!regions || regions.some((each) => each.region === region)) return undefined;
  const known = regions.map((each) => call.mask(each.region));
  const message = `connection.region: ${call.mask(region ?? "")} is no failover region of the workspace (${known.join(", ") || "it has none"}), and Atlas takes no other. ${call.way("Set failoverRegions", "update_stream_workspace")}.`;
  call.warn(message);
  return message;
}

/** A failover connection by its name, id or region, as Atlas shows it; `regionAt` leads to what tells several apart. */
export async function findNamed(
  place: FailoverPlace,
  name: string,
  region: { value: string | undefined; at: Path },
  call: Call,
): Promise<JsonObject | Absent> {
  const primary = aboutPrimary(place, call);
  const { entries } = await primary.list(listFailoverConnections(place, place.failoverOf));
  const meant = (text: string | undefined) =>
    cloudProviders.map((cloud) => (text === undefined ? undefined : regionNamed(text, cloud))).find(Boolean) ?? text;
  const wanted = meant(region.value);
  const fits = entries.filter((each) => each["id"] === name || each["name"] === name || each["region"] === meant(name));
  const [found, ...others] = wanted === undefined ? fits : fits.filter((each) => each["region"] === wanted);
  if (others.length > 0)
    throw new InvalidInput([
      {
        path: region.at,
        message: `is required, since there are several of this name: in ${fits.map((each) => call.mask(String(each["region"]))).join(", ")}`,
      },
    ]);
  if (found) return found;
  const names = [...new Set(entries.flatMap((each) => [String(each["name"]), String(each["region"])]))];
  return new Absent(name, nearest(name, names));
}

/** @throws {ToolFailure} that says which failover connections there are. */
export async function requireNamed(...[place, name, region, call]: Parameters<typeof findNamed>): Promise<JsonObject> {
  const found = await findNamed(place, name, region, call);
  if (!(found instanceof Absent)) return found;
  const [primary, quotedName] = [place.failoverOf, name].map((each) => JSON.stringify(call.mask(each)));
  const { entries } = await call.list(listFailoverConnections(place, place.failoverOf));
  const others = entries.map((each) => call.mask(`${each["name"]} (${each["region"]})`));
  const summary = `${primary} has no failover connection ${quotedName}`;
  throw new ToolFailure(new AtlasFailure("not_found", summary), {
    fields: [{ path: [connection.argument], message: `there is no failover connection ${quotedName}` }],
    hint:
      others.length > 0
        ? `Check connectionName and region. There are: ${someOf(others)}.`
        : `It has none; ${call.way("make one", "create_stream_connection")} (failoverOf).`,
  });
}

/** The read of one that Atlas has shown. */
export const getFailover = (place: FailoverPlace, found: JsonObject) =>
  getFailoverConnection(place, place.failoverOf, String(found["id"]));
