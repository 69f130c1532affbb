/** The built server as a client meets it: a child process on pipes, spoken to by the SDK's own client. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { sandboxCredentials } from "../../src/sandbox/credentials.ts";
import { type Result, resultOfCall } from "./call-result.ts";

export const serverPath = new URL("../../dist/atlas-streams-mcp.js", import.meta.url).pathname;

/** Variables for each kind of credentials that the sandbox takes. */
export const credentialVariables = {
  "service account": {
    MONGODB_ATLAS_CLIENT_ID: sandboxCredentials.clientId,
    MONGODB_ATLAS_CLIENT_SECRET: sandboxCredentials.clientSecret,
  },
  "access token": { MONGODB_ATLAS_ACCESS_TOKEN: sandboxCredentials.accessToken },
  "API key": {
    MONGODB_ATLAS_PUBLIC_KEY: sandboxCredentials.publicKey,
    MONGODB_ATLAS_PRIVATE_KEY: sandboxCredentials.privateKey,
  },
} as const;

export type CredentialKind = keyof typeof credentialVariables;
export const credentialKinds = Object.keys(credentialVariables).filter(
  (kind): kind is CredentialKind => kind in credentialVariables,
);

export interface RunningServer {
  client: Client;
  /** Calls `create_stream_connection`. */
  create(
    args: Record<string, unknown>,
    options?: Parameters<Client["callTool"]>[2],
  ): Promise<Result & { isError: boolean }>;
  /** What the server has written to stderr so far. */
  stderr(): string;
  close(): Promise<void>;
}

/** Starts the built server with exactly these variables, and connects a client. */
export async function startServer(env: Record<string, string> = {}, args: string[] = []): Promise<RunningServer> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [serverPath, ...args],
    env,
    stderr: "pipe",
  });
  let stderr = "";
  transport.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const client = new Client({ name: "test", version: "0" });
  await client.connect(transport);
  // The client checks results against a tool's output schema once it has seen the list.
  await client.listTools();
  return {
    client,
    async create(given, options) {
      const params = { name: "create_stream_connection", arguments: given };
      return resultOfCall(await client.callTool(params, undefined, options));
    },
    stderr: () => stderr,
    close: () => client.close(),
  };
}
