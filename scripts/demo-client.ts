/** The built server, called over stdio as an agent's client would. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { isObject, type JsonObject } from "../src/json.ts";

const server = new URL("../dist/atlas-streams-mcp.js", import.meta.url).pathname;

/** Starts it with these arguments and exactly these variables. */
export async function startDemo(args: string[], env: Record<string, string>) {
  const client = new Client({ name: "demo", version: "1.0.0" });
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [server, ...args], env, stderr: "ignore" }),
  );
  const call = async (name: string, args: JsonObject): Promise<JsonObject> => {
    const { structuredContent } = await client.callTool({ name, arguments: args });
    return isObject(structuredContent) ? structuredContent : {};
  };
  return { client, call };
}

/** The objects of a list in a result. */
export const listIn = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** A step of a plan, in words. */
export function stepLine({ action, kind, name, result }: JsonObject): string {
  if (action === "none") return `the ${kind} ${name} is as it should be`;
  return `${action} the ${kind} ${name}${result === undefined ? "" : `: ${result}`}`;
}
