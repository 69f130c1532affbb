import { describe, expect, test } from "vitest";
import { relax } from "../../src/connections/relax.ts";
import { exampleOf, examples } from "./example.ts";
import { refused, taken } from "./read.ts";

const kafka = (over: Record<string, unknown> = {}) => ({
  name: "k",
  type: "Kafka",
  bootstrapServers: "b:9092",
  ...over,
});
const https = (over: Record<string, unknown>) => ({ name: "h", type: "Https", url: "https://example.com", ...over });

describe("what already fits", () => {
  test.each(examples)("the example of $type is left alone", ({ example }) => {
    expect(relax(example, ["connection"])).toEqual({ value: example, warnings: [], problems: [] });
  });

  test("the value that was given is not changed", () => {
    const given = kafka({ id: "1", bootstrapServers: ["a:1"], config: { retries: 1 }, networking: { links: [] } });
    const before = structuredClone(given);
    relax(given, ["connection"]);
    expect(given).toEqual(before);
  });
});

describe("a connection as text", () => {
  test("is read as JSON, with a warning", () => {
    expect(taken(JSON.stringify(kafka()))).toEqual({
      sent: kafka(),
      warnings: ["connection: was text and was read as JSON; give it as an object"],
    });
  });

  test("gets the other leniencies as well", () => {
    expect(taken(JSON.stringify(kafka({ bootstrapServers: ["a:1", "b:2"] })))).toEqual({
      sent: kafka({ bootstrapServers: "a:1,b:2" }),
      warnings: [expect.stringContaining("read as JSON"), expect.stringContaining("connection.bootstrapServers")],
    });
  });

  test.each(["", "Kafka", "{", "[1]", "null", "7", '"text"', "${env:CONNECTION}"])("%j is refused", (text) => {
    expect(refused(text)).toEqual({
      connection: "must be an object; the text that was given is no JSON object",
    });
  });
});

describe("brokers as a list", () => {
  test("are joined with commas, with a warning", () => {
    expect(taken(kafka({ bootstrapServers: ["b1:9092", "b2:9092"] }))).toEqual({
      sent: kafka({ bootstrapServers: "b1:9092,b2:9092" }),
      warnings: ["connection.bootstrapServers: was a list and was joined with commas"],
    });
  });

  test.each([[[]], [[1]], [["b:9092", null]], [[["b:9092"]]]])("%j is refused", (bootstrapServers) => {
    expect(refused(kafka({ bootstrapServers }))).toEqual({
      "connection.bootstrapServers": "must be a string, not an array",
    });
  });

  test("are joined in their own field only", () => {
    expect(refused(kafka({ authentication: { username: ["a", "b"] } }))).toEqual({
      "connection.authentication.username": "must be a string, not an array",
    });
  });
});

describe("registry URLs as one string", () => {
  test("are made a list, with a warning", () => {
    expect(taken(exampleOf("SchemaRegistry", { schemaRegistryUrls: "https://r.example.com" }))).toEqual({
      sent: exampleOf("SchemaRegistry", { schemaRegistryUrls: ["https://r.example.com"] }),
      warnings: ["connection.schemaRegistryUrls: was one string and was made a list"],
    });
  });
});

describe("numbers and booleans in a map of strings", () => {
  test("are made strings in a Kafka config, each with a warning", () => {
    expect(taken(kafka({ config: { "session.timeout.ms": 45000, "enable.idempotence": true, acks: "all" } }))).toEqual({
      sent: kafka({ config: { "session.timeout.ms": "45000", "enable.idempotence": "true", acks: "all" } }),
      warnings: [
        "connection.config.session.timeout.ms: was a number and was made a string",
        "connection.config.enable.idempotence: was a boolean and was made a string",
      ],
    });
  });

  test("are made strings in headers, and the value stays out of the warning", () => {
    expect(taken(https({ headers: { "X-Pin": 271828 } }))).toEqual({
      sent: https({ headers: { "X-Pin": "271828" } }),
      warnings: ["connection.headers.X-Pin: was a number and was made a string"],
    });
  });

  test.each([null, ["a"], { a: "b" }])("%j is not", (value) => {
    expect(Object.keys(refused(https({ headers: { key: value } })))).toEqual(["connection.headers.key"]);
  });

  test.each([
    ["connection.authentication.username", { authentication: { username: 7 } }],
    ["connection.authentication.password", { authentication: { password: 7 } }],
    ["connection.name", { name: 7 }],
  ])("a number at %s is refused: only maps are meant", (path, over) => {
    expect(refused(kafka(over))).toEqual({ [path]: "must be a string, not a number" });
  });
});

describe("a response pasted back", () => {
  const answer = {
    ...kafka({ authentication: { mechanism: "PLAIN", username: "u", password: "p" } }),
    id: "32b6e34b3d91647abb20e7b8",
    state: "READY",
    links: [{ rel: "self", href: "https://cloud.mongodb.com" }],
    networking: { links: [], access: { type: "PUBLIC", links: [] } },
  };

  test("loses its id, state and links at any depth, each with a warning", () => {
    const { id, state, links, ...rest } = answer;
    expect(taken(answer)).toEqual({
      sent: { ...rest, networking: { access: { type: "PUBLIC" } } },
      warnings: [
        "connection.id: is read-only and was left out",
        "connection.state: is read-only and was left out",
        "connection.links: is read-only and was left out",
        "connection.networking.links: is read-only and was left out",
        "connection.networking.access.links: is read-only and was left out",
      ],
    });
  });

  test("loses the links inside a union as well", () => {
    const schemaRegistryAuthentication = { type: "USER_INFO", username: "u", password: "p" };
    expect(
      taken(
        exampleOf("SchemaRegistry", {
          schemaRegistryAuthentication: { ...schemaRegistryAuthentication, links: [] },
        }),
      ),
    ).toEqual({
      sent: exampleOf("SchemaRegistry", { schemaRegistryAuthentication }),
      warnings: ["connection.schemaRegistryAuthentication.links: is read-only and was left out"],
    });
  });

  test("an id further inside is refused: only a connection has one", () => {
    expect(Object.keys(refused(kafka({ networking: { id: "1" } })))).toEqual(["connection.networking.id"]);
  });

  test("keys of a free map are kept, whatever they are called", () => {
    const config = { links: "a", id: "b", state: "c" };
    expect(taken(kafka({ config }))).toEqual({ sent: kafka({ config }), warnings: [] });
    expect(taken(https({ headers: config }))).toEqual({ sent: https({ headers: config }), warnings: [] });
  });
});

describe("what is not certain", () => {
  test.each([null, undefined, 7, true, [], [{ type: "Sample" }]])("a connection of %j is left for the union", (raw) => {
    expect(relax(raw, ["connection"])).toEqual({ value: raw, warnings: [], problems: [] });
  });

  test("fields of an unknown type are left as they are", () => {
    const given = { name: "k", type: "kafka", bootstrapServers: ["b:9092"] };
    expect(relax(given, ["connection"])).toEqual({ value: given, warnings: [], problems: [] });
  });

  test("a key that every object has does not pass for a field", () => {
    const given = JSON.parse('{"name":"k","type":"Sample","constructor":{"links":[]},"__proto__":"x"}');
    expect(Object.keys(refused(given)).sort()).toEqual(["connection.__proto__", "connection.constructor"]);
  });
});
