/** The embedded Atlas: a real HTTP server on the loopback interface, with state. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { answerTo, beforeAnswer } from "./atlas.ts";
import { seededProjects } from "./data/seed.ts";
import { SandboxState } from "./data/state.ts";
import { headOf, readBody, send } from "./http.ts";

export { sandboxCredentials } from "./credentials.ts";
export { sandboxProject, sandboxTenant } from "./data/seed.ts";

export interface Sandbox {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly state: SandboxState;
  /** Ends at once; open connections are dropped. */
  close(): Promise<void>;
}

/** Leads one exchange with a client from the request's head to the answer. */
export type Exchange = (incoming: IncomingMessage, response: ServerResponse, state: SandboxState) => Promise<void>;

/** Starts an Atlas of its own with the seeded data. Tests bring an `exchange` of their own, made of the same steps. */
export async function startSandbox(exchange: Exchange = answerAsAtlas): Promise<Sandbox> {
  const state = new SandboxState(seededProjects());
  const server = createServer((incoming, response) => {
    // What fails here is the client's connection or the sandbox itself: neither leaves anyone to answer.
    exchange(incoming, response, state).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`,
    state,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answerAsAtlas(incoming: IncomingMessage, response: ServerResponse, state: SandboxState): Promise<void> {
  const request = { ...headOf(incoming), body: await readBody(incoming) };
  await beforeAnswer(request, state);
  send(response, answerTo(request, state));
}
