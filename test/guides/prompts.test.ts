/** The prompt that leads an agent from a wish to a connection. */
import { describe, expect, test } from "vitest";
import { readSettings } from "../../src/config/settings.ts";
import { instructionsFor } from "../../src/guides/instructions.ts";
import { prompts } from "../../src/guides/prompts.ts";
import { guideRequests } from "../../src/protocol/guide-requests.ts";
import { offeredTools } from "../../src/tools/available.ts";
import { generatedTools } from "../../src/tools/generated/tools.ts";

const prompt = prompts.find(({ name }) => name === "connect_source");
const say = (given: Record<string, string> = {}) => prompt?.text(given) ?? "";

describe("connect_source", () => {
  test("has a title, a description, and arguments that may all be left out", () => {
    expect(prompt).toMatchObject({ title: expect.any(String), description: expect.any(String) });
    expect(prompt?.arguments.map(({ name, required }) => [name, required])).toEqual([
      ["what", false],
      ["workspace", false],
    ]);
  });

  test("without a wish has the agent ask for one", () => {
    expect(say()).toContain("ask me what to connect");
    expect(say({ what: "our Kafka" })).not.toContain("ask me what to connect");
  });

  test("passes on what is given", () => {
    const text = say({ what: "our Kafka", workspace: "orders" });
    expect(text).toContain("our Kafka");
    expect(text).toContain('"orders"');
  });

  test("leads through the options and a dry run before the create, and keeps secrets out of the chat", () => {
    expect(say()).toMatch(/list_projects.*get_connection_options.*dryRun true.*waitUntilReady true/s);
    expect(say()).toMatch(/Never ask me to write a password/);
    expect(say()).toContain("${env:NAME}");
  });

  test("leads from a private broker over a link that is DONE, where the tools for it are offered", () => {
    const all = generatedTools.map(({ name }) => name);
    const text = prompt?.text({ what: "our private Kafka" }, all) ?? "";
    expect(text).toMatch(
      /get_connection_options.*get_stream_networking.*create_private_link with dryRun true.*waitUntilReady true until it is DONE.*PRIVATE_LINK.*create_stream_connection with dryRun true/s,
    );
    const fewer = all.filter((name) => name !== "create_private_link");
    expect(prompt?.text({ what: "our private Kafka" }, fewer)).toBe(say({ what: "our private Kafka" }));
  });

  test("names no tool that does not exist", () => {
    const named = say({ what: "x", workspace: "y" }).match(/\b(?:list|get|create|update|delete)_\w+/g) ?? [];
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !generatedTools.some((tool) => tool.name === name))).toEqual([]);
  });
});

describe("build_pipeline", () => {
  const build = prompts.find(({ name }) => name === "build_pipeline");

  test("leads from the place over a plan that a person sees to a diagnosis", () => {
    const text = build?.text({ what: "solar samples into db.coll", workspace: "orders" }) ?? "";
    expect(text).toContain("solar samples into db.coll");
    expect(text).toMatch(
      /list_projects.*"orders".*try_stream_pipeline.*two or three documents.*apply_stream_pipeline.*dryRun true.*dryRun false.*diagnose_stream_processor/s,
    );
    expect(text).toMatch(/Never ask me to write a password.*\$\{env:NAME\}/s);
  });

  test("without a wish has the agent ask for one, and names no tool that does not exist", () => {
    const text = build?.text({}) ?? "";
    expect(text).toContain("ask me what should flow");
    const named = text.match(/\b(?:list|get|create|update|delete|apply|diagnose)_\w+/g) ?? [];
    expect(named.filter((name) => !generatedTools.some((tool) => tool.name === name))).toEqual([]);
  });
});

describe("what is offered", () => {
  const settingsOf = (variables: Record<string, string>) => readSettings(variables);
  const offers = [true, false].flatMap((readOnly) =>
    [["connections"], ["pipelines"], ["connections", "pipelines"], ["connections", "pipelines", "network"]].map(
      (toolsets) => [`${toolsets}${readOnly ? ", read-only" : ""}`, readOnly, toolsets] as const,
    ),
  );

  test.each(offers)("is all that prompts and instructions name: %s", (_, readOnly, toolsets) => {
    const settings = settingsOf({
      ATLAS_STREAMS_MCP_READ_ONLY: String(readOnly),
      ATLAS_STREAMS_MCP_TOOLSETS: toolsets.join(),
    });
    const offered = offeredTools(settings);
    const listed = guideRequests["prompts/list"]({}, { settings }).prompts;
    const texts = prompts
      .filter(({ name }) => listed.some((each) => each.name === name))
      .map(({ text }) => text({ what: "x", workspace: "y" }, offered));
    const said = [instructionsFor(settings, undefined), ...texts].join("\n");
    const named = generatedTools.map(({ name }) => name).filter((name) => said.includes(name));
    expect(named.filter((name) => !offered.includes(name))).toEqual([]);
    expect(listed.length > 0).toBe(!readOnly && toolsets.includes("connections"));
  });

  test("leaves no prompt to get that is not listed", () => {
    const settings = settingsOf({ ATLAS_STREAMS_MCP_READ_ONLY: "true" });
    expect(() => guideRequests["prompts/get"]({ name: "connect_source" }, { settings })).toThrow(
      /no such prompt.*none/,
    );
  });
});
