/** What a 404 says of a place: which part of it is missing, which names there are, and when nothing is claimed. */
import { describe, expect, test } from "vitest";
import { AtlasFailure, type FailureFacts } from "../../src/atlas/failure.ts";
import { readPages } from "../../src/atlas/pages.ts";
import { dotted } from "../../src/json.ts";
import { whatIsMissing } from "../../src/tool/missing.ts";
import { Absent, type Place, type Resource } from "../../src/tool/resource.ts";
import { connection } from "../../src/tools/connections/resource.ts";
import { project } from "../../src/tools/projects/resource.ts";
import { workspace } from "../../src/tools/workspaces/resource.ts";
import { fakeAtlas } from "../atlas/fake-atlas.ts";
import { place } from "../support/fake-services.ts";

const notFound = (facts: FailureFacts = {}) =>
  new AtlasFailure("not_found", "Atlas answered 404", { structured: true, ...facts });
const forbidden = () => new AtlasFailure("forbidden", "Atlas answered 403", { status: 403, structured: true });
const broken = () => new AtlasFailure("atlas_error", "Atlas answered 500");
const page = (...entries: Record<string, unknown>[]) => ({ results: entries, totalCount: entries.length });
const named = (...names: string[]) => page(...names.map((name) => ({ name })));

interface World {
  projects?: unknown;
  workspaces?: unknown;
  connections?: unknown;
}

/** What is told of a place that Atlas says is not there. */
function told(
  { projects = page(), workspaces = page(), connections = page() }: World,
  where: Place = place,
  facts: FailureFacts = {},
  resource = connection,
) {
  const atlas = fakeAtlas(({ path }) => {
    const route = path.replace(/\?.*/, "");
    return route.endsWith("/groups") ? projects : route.endsWith("/streams") ? workspaces : connections;
  });
  return whatIsMissing(
    notFound(facts),
    { resource, place: where, at: [] },
    {
      list: (list) => readPages(atlas, list, new AbortController().signal),
      mask: (name) => name,
    },
  );
}

describe("a project that is not there", () => {
  test("is named, with the projects that there are", async () => {
    const projects = page({ id: "0".repeat(24), name: "Shop" });
    expect(await told({ workspaces: notFound(), projects })).toEqual({
      summary: `There is no project ${place.groupId} that these credentials can see.`,
      fields: [{ path: ["groupId"], message: `no project ${place.groupId} is visible to these credentials` }],
      hint: `Check groupId, the project's id. The projects that these credentials see: Shop (${"0".repeat(24)}).`,
    });
  });

  test("is told of even where the projects cannot be read", async () => {
    const { hint } = await told({ workspaces: notFound(), projects: broken() });
    expect(hint).toBe("Check groupId, the project's id.");
  });

  test("is known by Atlas's error code where nothing can be read", async () => {
    const { fields } = await told({ workspaces: broken() }, place, { errorCode: "GROUP_NOT_FOUND" });
    expect(fields?.map(({ path }) => dotted(path))).toEqual(["groupId"]);
  });
});

describe("a workspace that is not there", () => {
  test("is named, with the workspaces of the project and the nearest of them", async () => {
    const { summary, fields, hint } = await told({ workspaces: page({ name: "order" }, { name: "audit" }) });
    expect(summary).toBe(`There is no workspace "orders" in the project ${place.groupId}.`);
    expect(fields).toEqual([
      { path: ["tenantName"], message: 'there is no workspace "orders"; did you mean "order"?' },
    ]);
    expect(hint).toContain("order, audit.");
  });

  test("is one of a few names, not of hundreds", async () => {
    const many = Array.from({ length: 30 }, (_, at) => `w${at}`);
    expect((await told({ workspaces: named(...many) })).hint).toMatch(/w0, .*w9, and 20 more\.$/);
    const { hint } = await told({ workspaces: named(...many.slice(0, 12), "order") });
    expect(hint).toMatch(/: order, w0, w1, .*w8, and 3 more\.$/);
  });

  test("is known by Atlas's error code where nothing can be read", async () => {
    const { fields } = await told({ workspaces: broken() }, place, { errorCode: "STREAM_TENANT_NOT_FOUND_FOR_NAME" });
    expect(fields?.map(({ path }) => dotted(path))).toEqual(["tenantName"]);
  });
});

describe("a place that cannot be told", () => {
  test("is left open where nothing can be read and no code helps", async () => {
    const { fields, hint } = await told({ workspaces: broken() });
    expect(fields).toBeUndefined();
    expect(hint).toMatch(/Check both\.$/);
  });

  test("is left open where everything is there", async () => {
    expect((await told({ workspaces: page({ name: "orders" }) })).fields).toBeUndefined();
  });

  test("is nothing where no project was asked about", async () => {
    expect(await told({}, {})).toEqual({});
  });
});

describe("a connection that is not there", () => {
  const kafka = { ...place, connectionName: "kafka" };

  test("is named, with those of the workspace", async () => {
    const world = { workspaces: named("orders"), connections: named("kafka") };
    const { summary, fields, hint } = await told(world, { ...place, connectionName: "kafak" });
    expect(summary).toBe('There is no connection "kafak" in the workspace "orders".');
    expect(fields?.map(({ path }) => dotted(path))).toEqual(["connectionName"]);
    expect(hint).toContain("kafka.");
  });

  test("is not said to be missing where it is in the list all the same", async () => {
    const { fields, hint } = await told({ workspaces: named("orders"), connections: named("kafka") }, kafka);
    expect(fields).toBeUndefined();
    expect(hint).toMatch(/call again/i);
  });

  test("is not said to be missing where neither a list nor a code tells", async () => {
    expect((await told({ workspaces: forbidden() }, kafka)).fields).toBeUndefined();
  });

  test("is believed missing on Atlas's code, where the workspaces cannot be read", async () => {
    const errorCode = "STREAM_CONNECTION_NOT_FOUND_FOR_NAME";
    const { fields } = await told({ workspaces: forbidden() }, kafka, { errorCode });
    expect(fields).toMatchObject([{ path: ["connectionName"] }]);
  });
});

describe("what is in a project itself", () => {
  /** Atlas lists them where it lists workspaces here. */
  const link: Resource = {
    noun: "private link",
    argument: "id",
    within: project,
    list: workspace.list,
    nameOf: workspace.nameOf,
    listedBy: "list_private_links",
    view: (entry) => entry,
    errorCodes: { missing: "PRIVATE_LINK" },
  };
  const { groupId } = place;
  const of = (world: World, facts: FailureFacts = {}, where: Place = { groupId, id: "link" }) =>
    told(world, where, facts, link);

  test("is named, with what else there is, and is what the tool is about", async () => {
    const { summary, fields, absent } = await of({ workspaces: named("links") });
    expect(summary).toBe(`There is no private link "link" in the project ${groupId}.`);
    expect(fields).toEqual([{ path: ["id"], message: 'there is no private link "link"; did you mean "links"?' }]);
    expect(absent).toEqual(new Absent("link", "links"));
  });

  test("is not said to be missing where it is in the list all the same, or where nothing tells", async () => {
    expect(await of({ workspaces: named("link") })).toMatchObject({
      passes: true,
      hint: expect.stringMatching(/^Atlas lists "link".*Call again/),
    });
    expect(await of({ workspaces: broken() })).toEqual({});
  });

  test("is believed missing on Atlas's code, and so is the project", async () => {
    expect(await of({ workspaces: broken() }, { errorCode: "PRIVATE_LINK_NOT_FOUND" })).toMatchObject({
      fields: [{ path: ["id"] }],
    });
    expect(await of({ workspaces: notFound() })).toMatchObject({ fields: [{ path: ["groupId"] }] });
    expect(await of({ workspaces: notFound() }, {}, { groupId })).toMatchObject({ fields: [{ path: ["groupId"] }] });
  });
});

test("a cancelled call is not asked about", async () => {
  const cancelled = new AtlasFailure("cancelled", "The call was cancelled");
  await expect(told({ workspaces: cancelled })).rejects.toBe(cancelled);
});
