/** The built server, called over stdio as an agent's client would. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { isObject, type JsonObject } from "../src/json.ts";
import { sandboxCredentials } from "../src/sandbox/credentials.ts";

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
  // `privateLink` is two words to a reader.
  const what = String(kind).replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  if (action === "none") return `the ${what} ${name} is as it should be`;
  return `${action} the ${what} ${name}${result === undefined ? "" : `: ${result}`}`;
}

/** What a collection of the sandbox at `origin` holds: at most two of its documents, and how many there are. */
export async function documentsIn(
  origin: string,
  { groupId, cluster, db, coll }: Record<"groupId" | "cluster" | "db" | "coll", string>,
): Promise<{ documents: JsonObject[]; count: unknown }> {
  const path = `/api/atlas/v2/groups/${groupId}/clusters/${cluster}/databases/${db}/collections/${coll}/documents`;
  const response = await fetch(`${origin}${path}?itemsPerPage=2`, {
    headers: {
      accept: "application/vnd.atlas.2025-03-12+json",
      authorization: `Bearer ${sandboxCredentials.accessToken}`,
    },
  });
  const page: unknown = await response.json();
  return isObject(page)
    ? { documents: listIn(page["results"]), count: page["totalCount"] }
    : { documents: [], count: undefined };
}
