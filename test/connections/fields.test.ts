import { describe, expect, test } from "vitest";
import { exampleOf } from "./example.ts";
import { refused, taken } from "./read.ts";

describe("a URL", () => {
  test.each(["https://example.com", "http://example.com:8080/hook?x=1", "HTTPS://EXAMPLE.com", "https://[::1]/"])(
    "%s is taken as it is",
    (url) => {
      expect(taken(exampleOf("Https", { url })).sent).toMatchObject({ url });
      expect(taken(exampleOf("SchemaRegistry", { schemaRegistryUrls: [url] })).sent).toMatchObject({
        schemaRegistryUrls: [url],
      });
    },
  );

  const refusals = (url: string) => [
    refused(exampleOf("Https", { url }))["connection.url"],
    refused(exampleOf("SchemaRegistry", { schemaRegistryUrls: [url] }))["connection.schemaRegistryUrls[0]"],
    refused(exampleOf("Kafka", { authentication: { tokenEndpointUrl: url } }))[
      "connection.authentication.tokenEndpointUrl"
    ],
  ];

  test.each([
    ...["", "example.com", "/hook", "ftp://example.com", "ws://example.com", "javascript:alert(1)", "https://"],
    ...["https:example.com", "https:/example.com", "https:\\\\example.com", "login.example.com/oauth/token"],
  ])("%j is refused, in each field that holds one", (url) => {
    expect(refusals(url)).toEqual(Array.from({ length: 3 }, () => "must be an http:// or https:// URL"));
  });

  test.each([...["https://exa mple.com/x", "https://example.com :443/", "https://exa\tmple.com"]])(
    "%j is refused for the space in its host, in each field that holds one",
    (url) => {
      const message = "must be an http:// or https:// URL, with no spaces around it or in its host";
      expect(refusals(url)).toEqual([message, message, message]);
    },
  );
});

test.each([" https://example.com", "https://example.com ", "https://example.com\n"])("%j is trimmed", (url) => {
  expect(taken(exampleOf("Https", { url }))).toMatchObject({
    sent: { url: "https://example.com" },
    warnings: [expect.stringContaining("connection.url: ")],
  });
});

describe("registry URLs", () => {
  const urls = (count: number) => Array.from({ length: count }, (_, at) => `https://r${at}.example.com`);
  const registry = (schemaRegistryUrls: unknown) => exampleOf("SchemaRegistry", { schemaRegistryUrls });

  test.each([1, 10])("%i of them are taken", (count) => {
    expect(taken(registry(urls(count)))).toEqual({ sent: registry(urls(count)), warnings: [] });
  });

  test.each([
    [0, "must not be empty"],
    [11, "must have at most 10 items"],
  ])("%i of them are refused", (count, message) => {
    expect(refused(registry(urls(count)))).toEqual({ "connection.schemaRegistryUrls": message });
  });

  test("are refused where one stands there twice", () => {
    expect(refused(registry([...urls(2), ...urls(1)]))).toEqual({
      "connection.schemaRegistryUrls": "must not name a URL twice",
    });
  });
});

describe("an id of Atlas", () => {
  const withId = (clusterGroupId: string) => exampleOf("Cluster", { clusterGroupId });

  test("is 24 hexadecimal digits", () => {
    expect(taken(withId("32b6e34b3d91647abb20e7b8")).warnings).toEqual([]);
  });

  test("is taken in capitals too, and sent in small letters", () => {
    expect(taken(withId("32B6E34B3D91647ABB20E7B8")).sent).toMatchObject({
      clusterGroupId: "32b6e34b3d91647abb20e7b8",
    });
  });

  test.each(["32b6e34b3d91647abb20e7b", "32b6e34b3d91647abb20e7b80", "my project", ""])(
    "%j is refused, with what was given",
    (id) => {
      expect(refused(withId(id))).toEqual({
        "connection.clusterGroupId": `must be 24 hexadecimal digits (a-f, 0-9); ${JSON.stringify(id)} was given`,
      });
    },
  );
});
