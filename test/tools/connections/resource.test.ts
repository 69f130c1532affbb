import { expect, test } from "vitest";
import { connection } from "../../../src/tools/connections/resource.ts";

test("a connection is shown as Atlas gives it, whatever that is, without links and with secrets masked", () => {
  expect(
    connection.view({
      name: "x",
      type: "string",
      state: null,
      unheardOf: [{ links: [], a: 1 }],
      links: [{ href: "x" }],
      authentication: { username: "u", password: "p", links: [] },
      headers: { a: "b" },
    }),
  ).toEqual({
    name: "x",
    type: "string",
    state: null,
    unheardOf: [{ a: 1 }],
    authentication: { username: "u", password: "***" },
    headers: { a: "***" },
  });
});

test("a setting by the name of links is no link", () => {
  expect(connection.view({ config: { links: "a" } })).toEqual({ config: { links: "a" } });
});

test("what failed does not repeat the secrets of the connection's other fields", () => {
  const bootstrapServers = "bob:hunter22@b.example.com:9092";
  const errorMessage = `Failed to connect to ${bootstrapServers} (token=abc)`;
  expect(connection.view({ bootstrapServers, state: "FAILED", errorMessage })).toEqual({
    bootstrapServers: "bob:***@b.example.com:9092",
    state: "FAILED",
    errorMessage: expect.stringContaining("bob:***@b.example.com:9092"),
  });
});
