/** The life of the process as a stdio server: it ends with its client, at once and quietly. */
import type { Services } from "../tool/context.ts";
import { serveChosenEra } from "./choose-era.ts";
import { StdioTransport } from "./stdio.ts";

/** At the end of the input, the last answers may take so long to be made, in milliseconds. */
const LAST_ANSWERS_MS = 250;

/** The last answers may take this long to get out, and open connections this long to close, in milliseconds. */
const LAST_WORDS_MS = 500;

/** Serves stdin and stdout until the client goes away or a signal comes; then ends the process. */
export async function serve(services: Services, cleanUp: () => Promise<void>): Promise<void> {
  const transport = new StdioTransport(process.stdin, process.stdout, { lastAnswersMs: LAST_ANSWERS_MS });
  const end = async () => {
    // Nothing that closes may keep the process: a client that has gone is the commonest source of orphans.
    setTimeout(() => process.exit(0), LAST_WORDS_MS);
    // Closing has cancelled the calls; what became of writes that they had sent is looked for as long as there is time.
    await Promise.allSettled([transport.flushed(), ...services.abandoned]);
    await cleanUp();
    process.exit(0);
  };
  transport.onerror = (error) => services.log.warning("A message could not be handled", { error: error.message });
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
    process.on(signal, () => {
      void transport.close();
    });
  await serveChosenEra(transport, services, () => void end());
}
