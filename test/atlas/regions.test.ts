/** The three spellings of a region. */
import { describe, expect, test } from "vitest";
import { cloudProviders, ownRegionsOf, regionNamed, regions, spellingsOf } from "../../src/atlas/regions-and-tiers.ts";
import { valueAt } from "../../src/json.ts";
import { openapi } from "../support/shared-atlas.ts";

describe.each(cloudProviders)("of %s", (cloud) => {
  test("each is found by all of its names, and by no other's", () => {
    for (const own of ownRegionsOf(cloud)) {
      const found = spellingsOf(own, cloud);
      expect(found?.own).toBe(own);
      for (const name of [found?.ofWorkspaces, found?.ofClusters])
        if (name !== undefined) expect([name, spellingsOf(name, cloud)?.own]).toEqual([name, own]);
    }
  });

  test("those of workspaces are among those of clusters", () => {
    for (const [own, name] of Object.entries(regions[cloud])) {
      expect(ownRegionsOf(cloud)).toContain(own);
      expect(regionNamed(own, cloud)).toBe(name);
    }
  });
});

test.each([
  ["AWS", "us-east-1", "VIRGINIA_USA", "US_EAST_1"],
  ["AWS", "eu-north-1", undefined, "EU_NORTH_1"],
  ["AZURE", "eastus2", "eastus2", "US_EAST_2"],
  ["GCP", "us-central1", "US_CENTRAL1", "CENTRAL_US"],
] as const)("%s %s is %s for workspaces and %s for clusters", (cloud, own, ofWorkspaces, ofClusters) => {
  expect(spellingsOf(own, cloud)).toEqual({ own, ofWorkspaces, ofClusters });
});

test.skipIf(!openapi)(
  "all that the API description has for clusters are known, but for those of governments and China",
  () => {
    const path = ["components", "schemas", "CloudRegionConfig20240805", "properties", "regionName", "oneOf"];
    const lists = Object.values(Object(valueAt(openapi, path))).map((each) => valueAt(each, ["enum"]));
    expect(lists).toHaveLength(cloudProviders.length);
    for (const [index, cloud] of cloudProviders.entries()) {
      const names = Object.values(Object(lists[index])).map(String);
      const ordinary = names.filter((name) => !/GOV|^CN_|^CHINA_|_AW$|^GLOBAL$/.test(name));
      expect(ordinary.filter((name) => spellingsOf(name, cloud)?.ofClusters !== name)).toEqual([]);
    }
  },
);
