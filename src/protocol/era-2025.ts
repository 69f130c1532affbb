/**
 * MCP as spoken in the revisions with a handshake (2024-11-05 to 2025-11-25), by the low-level `Server` of
 * `@modelcontextprotocol/sdk`. @see https://modelcontextprotocol.io/specification/2025-11-25
 */
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { type LoggingLevel, LoggingLevelSchema } from "@modelcontextprotocol/sdk/types.js";
import type { Services } from "../services.ts";
import { packageName } from "../version.ts";
import { invalidParams } from "./messages.ts";
import { type RequestContext, serveRequest } from "./requests.ts";
import { serverInfo, serverOptions } from "./sdk-server.ts";
import type { Transport } from "./stdio.ts";

const levels = LoggingLevelSchema.options;

/** Serves `transport` until it closes. */
export async function serve2025(transport: Transport, services: Services): Promise<void> {
  const { settings, log } = services;
  const server = new Server(serverInfo, serverOptions(services));

  // Until the client chooses a level, it gets what stderr gets.
  let minimumLevel: LoggingLevel = settings.logLevel;
  const setLevel = (requested: unknown) => {
    const level = levels.find((each) => each === requested);
    if (!level) throw invalidParams(`level must be one of ${levels.join(", ")}`);
    minimumLevel = level;
    return {};
  };
  log.listen(
    ({ level, message, facts }) => {
      server.sendLoggingMessage({ level, logger: packageName, data: { message, ...facts } }).catch(() => {});
    },
    // Before the handshake, a server may send nothing on its own.
    (level) => server.getClientVersion() !== undefined && levels.indexOf(level) >= levels.indexOf(minimumLevel),
  );

  // Where a method has a handler of its own, the SDK first checks its parameters against a schema, which takes time to
  // build, and responds with -32603 and zod's JSON where they do not fit. So all requests but the handshake and ping come
  // here.
  server.removeRequestHandler("logging/setLevel");
  server.fallbackRequestHandler = async (request, { signal, sendNotification }) => {
    if (request.method === "logging/setLevel") return setLevel(request.params?.["level"]);
    const person = personOf(server, signal);
    return serveRequest(request, services, {
      signal,
      ...(person && { person }),
      clientName: server.getClientVersion()?.name,
      sendProgress: (params) => sendNotification({ method: "notifications/progress", params }),
    });
  };

  await server.connect(transport);
}

/** How long a person may take to agree to open the page, in milliseconds: as long as the page exists. */
const CONSENT_MS = 5 * 60_000;

/** Asks the client's person with a request to the client, while the call waits. */
function personOf(server: Server, signal: AbortSignal): RequestContext["person"] {
  if (server.getClientCapabilities()?.elicitation?.url === undefined) return undefined;
  return {
    async ask({ url, message, state, submitted }) {
      const elicitationId = crypto.randomUUID();
      const question = { mode: "url", message, url, elicitationId } as const;
      try {
        const { action } = await server.elicitInput(question, { signal, timeout: CONSENT_MS });
        const notifyComplete = server.createElicitationCompletionNotifier(elicitationId);
        void submitted.then(notifyComplete).catch(() => {});
        return { state, action };
      } catch {
        // The client went away, took too long, or could not do what it said it could.
        return { state, action: "cancel" };
      }
    },
  };
}
