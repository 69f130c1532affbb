/** What each tool of the list costs an agent, in bytes of JSON and in tokens. */
import { Tiktoken } from "js-tiktoken/lite";
import o200k from "js-tiktoken/ranks/o200k_base";
import type { Dialect } from "../src/schema/json-schema.ts";
import { type GeneratedTool, publishedForm } from "../src/tool/publish.ts";

export interface ToolSize {
  name: string;
  bytes: number;
  /** In the encoding o200k_base; with those of other models it differs by a few per cent. */
  tokens: number;
}

export function toolSizes(tools: readonly GeneratedTool[], dialect: Dialect): ToolSize[] {
  const encoding = new Tiktoken(o200k);
  const sizeOf = (name: string, value: unknown): ToolSize => {
    const json = JSON.stringify(value);
    return { name, bytes: Buffer.byteLength(json), tokens: encoding.encode(json).length };
  };
  const list = tools.map((tool) => publishedForm(tool, { dialect }));
  return [...list.map((tool) => sizeOf(tool.name, tool)), sizeOf("all", list)];
}
