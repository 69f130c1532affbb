/** The life of the process as a stdio server: it ends with its client, at once and quietly. */
import { RESTART_MS } from "../atlas/restarts.ts";
import type { Services } from "../services.ts";
import { serveChosenEra } from "./choose-era.ts";
import { StdioTransport } from "./stdio.ts";

/** After the end of the input, requests that are still running get this long, in milliseconds. */
const RESPONSE_GRACE_MS = 250;

/** Once closed, everything that is left to do gets this long: writing, looking after writes, closing connections. */
const SHUTDOWN_GRACE_MS = 500;

/** What was stopped and cannot be started again is still told on the log, in milliseconds. */
const LOG_MS = 200;

/** Serves stdin and stdout until the client goes away or a signal comes; then ends the process. */
export async function serve(services: Services, cleanUp: () => Promise<void>): Promise<void> {
  const transport = new StdioTransport(process.stdin, process.stdout, {
    responseGraceMs: RESPONSE_GRACE_MS,
    mask: (line) => services.redactor.line(line),
  });
  const { restarts, abandoned } = services;
  const shutDown = async () => {
    // Nothing that closes may keep the process: servers left behind by a client that has gone are a common complaint.
    setTimeout(() => process.exit(0), restarts.isEmpty ? SHUTDOWN_GRACE_MS : RESTART_MS + LOG_MS);
    // Closing has cancelled the calls. What became of writes that they had sent is looked up while there is time.
    await Promise.allSettled([restarts.end(), transport.flushed(), ...abandoned]);
    await cleanUp();
    process.exit(0);
  };
  transport.onerror = ({ message }) =>
    services.log.warning("A message could not be handled", { error: services.redactor.text(message) });
  transport.onended = () => void restarts.end();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => void transport.close());
  await serveChosenEra(transport, services, () => void shutDown());
}
