/** The embedded Atlas: a real HTTP server on the loopback interface, with state. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Digest, type DigestAlgorithm } from "./access/digest.ts";
import { IssuedTokens } from "./access/tokens.ts";
import { actOn } from "./atlas.ts";
import { seededProjects } from "./data/seed.ts";
import { SandboxState } from "./data/state.ts";
import { exchange } from "./exchange.ts";
import { Faults } from "./http/faults.ts";
import { type RecordedRequest, recordHead } from "./http/recorded-request.ts";
import { Wire } from "./http/wire.ts";

export { sandboxCredentials } from "./credentials.ts";
export { sandboxProject, sandboxTenant } from "./data/seed.ts";
export type { SandboxState } from "./data/state.ts";
export type { Fault, FaultKind, FaultRule, Faults } from "./http/faults.ts";
export type { RecordedRequest } from "./http/recorded-request.ts";

export interface SandboxOptions {
  /** Default MD5. */
  digestAlgorithm?: DigestAlgorithm;
  /** How long a new connection is PENDING before it is READY, and a deleted one DELETING; default 0: no time. */
  readyAfterMs?: number;
}

export interface Sandbox {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly state: SandboxState;
  readonly faults: Faults;
  /** Every request so far, oldest first. */
  readonly requests: RecordedRequest[];
  /** Ends at once; open connections are dropped. */
  close(): Promise<void>;
}

/** So that a sandbox that runs for days does not remember every poll. */
const mostRequests = 10_000;

/** Starts an Atlas of its own with the seeded data. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const state = new SandboxState({
    projects: seededProjects(),
    tokens: new IssuedTokens(),
    digest: new Digest(options.digestAlgorithm ?? "MD5"),
    readyAfterMs: options.readyAfterMs ?? 0,
  });
  const faults = new Faults();
  const requests: RecordedRequest[] = [];
  const closing = new AbortController();
  let url = "";

  const serve = (request: IncomingMessage, response: ServerResponse) => {
    const recorded = recordHead(request);
    requests.push(recorded);
    if (requests.length > mostRequests) requests.shift();
    const { fault, hiddenMs } = faults.strike(recorded);
    const wire = new Wire(response, recorded, closing.signal);
    const act = () => actOn(recorded, state, url, hiddenMs);
    // What fails here is the client's connection or the sandbox itself: neither leaves anyone to answer.
    exchange({ request, recorded, wire, fault, act }).catch(() => response.destroy());
  };

  const server = createServer(serve);
  url = await listen(server);
  return {
    url,
    state,
    faults,
    requests,
    close: () => {
      closing.abort();
      return closeServer(server);
    },
  };
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === "object" ? address?.port : address}`);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
