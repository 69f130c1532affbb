/** The tools that exist under the settings. To list them, their generated forms are enough; a call loads the catalog. */
import { type Settings, toolsetNames } from "../config/settings.ts";
import { allowedTools, type Rule } from "../policy/rule.ts";
import { nearest } from "../schema/spelling.ts";
import type { Tool } from "../tool/define.ts";
import { type GeneratedTool, type PublishedTool, publishedForm } from "../tool/publish.ts";
import { generatedTools, generatedToolsets } from "./generated/tools.ts";

/** The tools that are offered under these settings and a rule of the policy, as they are published. */
export function availableTools(settings: Settings, rule?: Rule): PublishedTool[] {
  const offers = offersUnder(settings, rule);
  const others = generatedTools.map(({ name }) => name).filter((name) => !offers(name));
  return allowedTools(existing(settings), rule).map((tool) => withoutPointers(publishedForm(tool, settings), others));
}

/** A tool whose arguments are not described by pointing to one of those `others`. */
function withoutPointers({ inputSchema, ...tool }: PublishedTool, others: readonly string[]): PublishedTool {
  const properties = Object.entries(inputSchema.properties ?? {}).map(([name, property]) => {
    const { description = "", ...undescribed } = property;
    return [name, others.some((other) => description.includes(other)) ? undescribed : property];
  });
  return { ...tool, inputSchema: { ...inputSchema, properties: Object.fromEntries(properties) } };
}

/** The names of the tools that are offered under these settings and a rule of the policy. */
export const offeredTools = (settings: Offer, rule?: Rule): string[] =>
  allowedTools(existing(settings), rule).map(({ name }) => name);

/** Whether a tool is among them. */
export function offersUnder(settings: Offer, rule?: Rule): (tool: string) => boolean {
  const offered = new Set(offeredTools(settings, rule));
  return (tool) => offered.has(tool);
}

/** The tools of the toolsets; in read-only mode, those that only read. */
function existing({ readOnly, toolsets }: Offer): GeneratedTool[] {
  return toolsets
    .flatMap((toolset) => generatedToolsets[toolset])
    .filter(({ annotations }) => !readOnly || annotations.readOnlyHint);
}

type Offer = Pick<Settings, "readOnly" | "toolsets">;

/** A tool that does not exist, or not under these settings. */
export class UnknownTool extends Error {
  override name = "UnknownTool";
}

/**
 * The tool of that name; one that the rule does not allow too, whose call says so.
 * @throws {UnknownTool} with the tools there are, and the nearest of them.
 */
export async function loadTool(name: string, settings: Settings, rule?: Rule): Promise<Tool> {
  const names = offeredTools(settings, rule);
  if (offeredTools(settings).includes(name)) {
    const { catalog } = await import("./catalog.ts");
    const tool = catalog.find((each) => each.name === name);
    if (tool) return tool;
  }
  if (existing({ ...settings, readOnly: false }).some((tool) => tool.name === name))
    throw new UnknownTool(`${name} writes, and this server is in read-only mode`);
  const elsewhere = toolsetNames.find((toolset) => generatedToolsets[toolset].some((tool) => tool.name === name));
  if (elsewhere) throw new UnknownTool(`${name} is in the toolset ${elsewhere}, which this server does not offer`);
  const meant = nearest(name, names);
  const suggestion = meant === undefined ? "." : `; did you mean ${meant}?`;
  // A name that is none may be anything, so it is not repeated.
  const named = /^[\w.-]{1,64}$/.test(name) ? ` ${name}` : " of that name";
  throw new UnknownTool(`There is no tool${named}${suggestion} Tools: ${names.join(", ") || "none"}`);
}
