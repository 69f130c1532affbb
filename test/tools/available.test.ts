import { describe, expect, test } from "vitest";
import { readSettings } from "../../src/config/settings.ts";
import { availableTools, loadTool, UnknownTool } from "../../src/tools/available.ts";
import { catalog } from "../../src/tools/catalog.ts";
import { generatedTools } from "../../src/tools/generated/tools.ts";

const settings = readSettings({});
const readOnly = readSettings({ ATLAS_STREAMS_MCP_READ_ONLY: "true" });
const names = (given = settings) => availableTools(given).map(({ name }) => name);

/** What is said of a tool that cannot be called. */
async function refusal(name: string, given = settings): Promise<string> {
  try {
    await loadTool(name, given);
  } catch (error) {
    if (error instanceof UnknownTool) return error.message;
    throw error;
  }
  throw new Error(`${name} was loaded`);
}

describe("the tools", () => {
  test("are listed in the order of the catalog", async () => {
    expect(names()).toEqual(catalog.map(({ name }) => name));
    expect(generatedTools.map(({ name }) => name)).toEqual(names());
    for (const name of names()) expect((await loadTool(name, settings)).name).toBe(name);
  });

  test("are listed in the dialect that is configured", () => {
    const flat = readSettings({ ATLAS_STREAMS_MCP_SCHEMA: "flat" });
    expect(JSON.stringify(availableTools(settings))).toContain('"anyOf"');
    expect(JSON.stringify(availableTools(flat))).not.toContain('"anyOf"');
  });

  test("that only read are all there is in read-only mode", async () => {
    expect(names(readOnly)).not.toContain("create_stream_connection");
    for (const { annotations } of availableTools(readOnly)) expect(annotations.readOnlyHint).toBe(true);
    expect(await refusal("create_stream_connection", readOnly)).toMatch(/read-only mode/);
  });

  test("that do not exist are answered with the nearest name and all of them", async () => {
    expect(await refusal("create_stream_conection")).toMatch(/did you mean create_stream_connection\? Tools: /);
    expect(await refusal("banana")).toBe(`There is no tool banana. Tools: ${names().join(", ")}`);
    expect(await refusal("toString")).toMatch(/^There is no tool toString/);
  });
});
