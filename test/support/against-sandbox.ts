/** The built server set on a sandbox in the test's own process, where its requests can be read and made to fail. */
import { sandboxEmptyTenant, sandboxProject } from "../../src/sandbox/data/seed.ts";
import { type RecordedRequest, type Sandbox, type SandboxOptions, startSandbox } from "./sandbox.ts";
import { type CredentialKind, credentialVariables, type RunningServer, startServer } from "./server.ts";

/** A project and a workspace without connections. */
export const place = { groupId: sandboxProject.groupId, tenantName: sandboxEmptyTenant } as const;

export const connectionsPath = `/api/atlas/v2/groups/${place.groupId}/streams/${place.tenantName}/connections`;

let names = 0;
/** A name that no other connection of this test file has. */
export const freshName = () => `connection-${++names}`;

/** Arguments that create a connection as simple as can be. */
export const simple = (name = freshName()) => ({ ...place, connection: { name, type: "Sample" } });

export interface ServerOnSandbox {
  sandbox: Sandbox;
  server: RunningServer;
  close(): Promise<void>;
}

interface Options {
  /** Default: an access token, which needs no request of its own. */
  credentials?: CredentialKind;
  env?: Record<string, string>;
  args?: string[];
  sandbox?: SandboxOptions;
}

/** The variables that set a server on a sandbox. */
export function variablesFor(sandbox: Sandbox, credentials: CredentialKind = "access token"): Record<string, string> {
  return { ...credentialVariables[credentials], MONGODB_ATLAS_BASE_URL: sandbox.url };
}

export async function startOnSandbox({
  credentials,
  env,
  args,
  sandbox: options,
}: Options = {}): Promise<ServerOnSandbox> {
  const sandbox = await startSandbox(options);
  const server = await startServer({ ...variablesFor(sandbox, credentials), ...env }, args);
  return {
    sandbox,
    server,
    close: async () => {
      await Promise.all([server.close(), sandbox.close()]);
    },
  };
}

/** The creates among the requests, refused ones included. */
export const creates = ({ requests }: Sandbox): RecordedRequest[] =>
  requests.filter(({ method, path }) => method === "POST" && path.endsWith("/connections"));

export const tokenRequests = ({ requests }: Sandbox): RecordedRequest[] =>
  requests.filter(({ path }) => path === "/api/oauth/token");
