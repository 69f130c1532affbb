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
  const sizes = tools.map((tool) => {
    const json = JSON.stringify(publishedForm(tool, { dialect }));
    return { name: tool.name, bytes: Buffer.byteLength(json), tokens: encoding.encode(json).length };
  });
  const sum = (key: "bytes" | "tokens") => sizes.reduce((total, size) => total + size[key], 0);
  return [...sizes, { name: "all", bytes: sum("bytes"), tokens: sum("tokens") }];
}
