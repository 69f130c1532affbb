/** The process: its command line and settings, then one command or the stdio server. */
import { opendirSync, realpathSync } from "node:fs";
import { auditOf, policyOf, ruleOnStdio } from "./cli/access.ts";
import { type CommandLine, CommandLineError, readCommandLine } from "./cli/command-line.ts";
import { help } from "./cli/help.ts";
import { printConfig } from "./cli/print-config.ts";
import { completeSettings } from "./config/profile.ts";
import { readSettings, type Settings, SettingsError } from "./config/settings.ts";
import type { Log } from "./log.ts";
import { serve } from "./protocol/serve.ts";
import { createServices, type Services } from "./services.ts";
import { packageVersion } from "./version.ts";

async function main(): Promise<void> {
  const commandLine = readCommandLine(process.argv.slice(2));
  // Whoever reads only the beginning, such as `head`, is no failure. The server's transport sees to this by itself.
  process.stdout.on("error", () => {});
  const text = await textToPrint(commandLine);
  if (text !== undefined) return void process.stdout.write(text);

  const settings = readSettings({
    ...process.env,
    ...(commandLine.readOnly && { ATLAS_STREAMS_MCP_READ_ONLY: "true" }),
    ...(commandLine.policy !== undefined && { ATLAS_STREAMS_MCP_POLICY: commandLine.policy }),
    ...(commandLine.audit !== undefined && { ATLAS_STREAMS_MCP_AUDIT: commandLine.audit }),
    ...(commandLine.toolsets !== undefined && { ATLAS_STREAMS_MCP_TOOLSETS: commandLine.toolsets.join() }),
  });
  const sandbox = commandLine.sandbox ? await withSandbox(settings) : undefined;
  const complete = sandbox?.settings ?? (await completeSettings(settings, process.env));
  if (commandLine.serve) {
    const { serveHttp } = await import("./http-server/serve.ts");
    const { note, close: cleanUp = () => Promise.resolve() } = sandbox ?? {};
    return serveHttp({ settings: complete, env: process.env, variables: commandLine.variables, note, cleanUp });
  }
  const rule = ruleOnStdio(await policyOf(settings, process.env));
  const audit = await auditOf(settings, STDERR);
  const services: Services = {
    ...createServices(complete, process.env, { rule, audit }),
    ...(sandbox && { note: sandbox.note }),
  };
  catchStrays(services);
  tellUnreadableFolder(services.settings.secretDir, services.log.warning);
  const close = async () => {
    await Promise.all([services.atlas.close(), services.desk.close(), sandbox?.close()]);
    // What was cancelled just now is written down too.
    await audit?.close();
  };

  const command = commandOf(commandLine, services);
  if (command) {
    process.exitCode = await command();
    await Promise.allSettled([services.restarts.end(), ...services.abandoned]);
    return close();
  }
  if (process.stdin.isTTY)
    process.stderr.write(
      "This is an MCP server: it waits for a client to send JSON-RPC on stdin. Set it up in your MCP client, or try --help. Press Ctrl-C to quit.\n",
    );
  await serve(services, close);
}

/** The file descriptor. */
const STDERR = 2;

/** What a flag asks to print, without settings or Atlas. */
async function textToPrint(asked: CommandLine): Promise<string | undefined> {
  if (asked.help) return help();
  if (asked.printPolicySchema) return (await import("./cli/print-policy-schema.ts")).printPolicySchema();
  if (asked.version) return `${packageVersion}\n`;
  if (asked.printConfig === undefined) return undefined;
  const clone = asked.clone ? realpathSync(process.argv[1] ?? "") : undefined;
  const windows = asked.windows || process.platform === "win32";
  return printConfig(asked.printConfig, { sandbox: asked.sandbox, clone, windows });
}

/** The command to run instead of the server, which gives the exit code. */
function commandOf(asked: CommandLine, services: Services): (() => Promise<number>) | undefined {
  if (asked.check)
    return async () => (await import("./cli/check.ts")).check(services, (line) => process.stdout.write(`${line}\n`));
  const { call: toCall } = asked;
  return toCall && (async () => (await import("./cli/call.ts")).call(toCall.tool, toCall.given, services));
}

/** How long the sandbox takes: long enough to see that a call waits, short enough to wait for. */
const SANDBOX_TIMES = { readyAfterMs: 1_000, switchedAfterMs: 200 };

async function withSandbox(
  settings: Settings,
): Promise<{ settings: Settings; note: string; close: () => Promise<void> }> {
  const { startSandbox, sandboxCredentials, sandboxProject, sandboxTenant } = await import("./sandbox/start.ts");
  const { url, state, close } = await startSandbox();
  Object.assign(state, SANDBOX_TIMES);
  const { clientId, clientSecret } = sandboxCredentials;
  return {
    settings: {
      ...settings,
      baseUrl: url,
      sandbox: true,
      credentials: { kind: "service-account", clientId, clientSecret },
      credentialSource: "the sandbox",
    },
    note: `This server runs on an embedded sandbox, not on Atlas: try groupId ${sandboxProject.groupId}, tenantName ${sandboxTenant}. A new connection is PENDING for a second; one to a Kafka broker under .invalid ends FAILED.`,
    close,
  };
}

/** A folder that is mounted only later serves the calls after that, so the server starts all the same. */
function tellUnreadableFolder(folder: string | undefined, warn: Log["warning"]): void {
  if (folder === undefined) return;
  try {
    opendirSync(folder).closeSync();
  } catch (error) {
    const why = error instanceof Error && "code" in error ? error.code : "unknown";
    warn("The folder of ATLAS_STREAMS_MCP_SECRET_DIR cannot be read, so no ${file:NAME} can be", { folder, why });
  }
}

/** A defect is one line on the log, its secrets masked; Node would print whole objects. */
function catchStrays({ log, redactor, restarts }: Services): void {
  const describe = (stray: unknown) => ({
    error: stray instanceof Error ? redactor.text(stray.message) : typeof stray,
  });
  process.on("unhandledRejection", (stray) => log.error("Unhandled rejection", describe(stray)));
  process.on("uncaughtException", (stray) => {
    log.error("Uncaught exception", describe(stray));
    // What was answered in this turn has not left yet.
    process.stdout.uncork();
    void restarts.end().finally(() => process.exit(1));
  });
  // Nobody is left to read the log: not a reason to end.
  process.stderr.on("error", () => {});
}

main().catch((error: unknown) => {
  const known = error instanceof CommandLineError || error instanceof SettingsError;
  const cause = error instanceof Error ? error.message.split("\n")[0] : "unknown cause";
  process.stderr.write(`atlas-streams-mcp: ${known ? error.message : `failed to start: ${cause}`}\n`);
  process.exit(known ? 2 : 1);
});
