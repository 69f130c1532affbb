/**
 * MCP as spoken in the handshake revisions (2024-11-05 to 2025-11-25), by the low-level `Server` of
 * `@modelcontextprotocol/sdk`. @see https://modelcontextprotocol.io/specification/2025-11-25
 */
import "./sdk-schemas.ts";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { type LoggingLevel, LoggingLevelSchema } from "@modelcontextprotocol/sdk/types.js";
import type { Services } from "../tool/context.ts";
import { instructionsFor } from "../tools/instructions.ts";
import { packageName } from "../version.ts";
import type { Connection } from "./connection.ts";
import { invalidParams } from "./request-error.ts";
import { answer, type Requester } from "./requests.ts";
import { capabilities, noValidator, serverInfo } from "./server-options.ts";

const levels = LoggingLevelSchema.options;

/** Serves `connection` until it closes. */
export async function serve2025(connection: Connection, services: Services): Promise<void> {
  const { settings, log, note } = services;
  const server = new Server(serverInfo, {
    capabilities,
    instructions: instructionsFor(settings, note),
    jsonSchemaValidator: noValidator,
  });

  // Until the client says what it wants to hear, it hears what stderr does.
  let least: LoggingLevel = settings.logLevel;
  const setLevel = (wanted: unknown) => {
    const level = levels.find((each) => each === wanted);
    if (!level) throw invalidParams(`level must be one of ${levels.join(", ")}`);
    least = level;
    return {};
  };
  log.listen(
    ({ level, message, facts }) => {
      server.sendLoggingMessage({ level, logger: packageName, data: { message, ...facts } }).catch(() => {});
    },
    // Before the handshake a server may send nothing of its own.
    (level) => server.getClientVersion() !== undefined && levels.indexOf(level) >= levels.indexOf(least),
  );

  // A handler for a method of its own gets parameters that fit the SDK's schema or isn't called: the answer is then
  // -32603 and the JSON of zod, and the schemas take time to build. So all but the handshake and ping come here.
  server.removeRequestHandler("logging/setLevel");
  server.fallbackRequestHandler = async (request, { signal, sendNotification }) => {
    if (request.method === "logging/setLevel") return setLevel(request.params?.["level"]);
    const person = personOf(server, signal);
    return answer(request, services, {
      signal,
      ...(person && { person }),
      sendProgress: (params) => sendNotification({ method: "notifications/progress", params }),
    });
  };

  await server.connect(connection);
}

/** A person is given this long to agree to open the page, in milliseconds: as long as the page is there. */
const CONSENT_MS = 5 * 60_000;

/** How the client's person is asked: by a request to the client, while the call waits. */
function personOf(server: Server, signal: AbortSignal): Requester["person"] {
  if (server.getClientCapabilities()?.elicitation?.url === undefined) return undefined;
  return {
    async ask({ url, message, state, submitted }) {
      const elicitationId = crypto.randomUUID();
      const question = { mode: "url", message, url, elicitationId } as const;
      try {
        const { action } = await server.elicitInput(question, { signal, timeout: CONSENT_MS });
        const complete = server.createElicitationCompletionNotifier(elicitationId);
        void submitted.then(complete).catch(() => {});
        return { state, action };
      } catch {
        // The client went away, took too long, or could not do what it said it could.
        return { state, action: "cancel" };
      }
    },
  };
}
