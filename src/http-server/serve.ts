/** The life of the process as an HTTP server: what it listens for, what it tells of itself, and how it ends. */
import { createServer, type Server } from "node:http";
import { resolve } from "node:path";
import { auditOf } from "../cli/access.ts";
import { systemClock } from "../clock.ts";
import { type Environment, type Settings, SettingsError, variableIn } from "../config/settings.ts";
import { createLog, type Log } from "../log.ts";
import { PolicyError } from "../policy/policy.ts";
import { createHttpHandler } from "../protocol/http.ts";
import { createServices } from "../services.ts";
import { Exchanges } from "./exchanges.ts";
import { Guard } from "./guard.ts";
import { IssuerKeys } from "./issuer-keys.ts";
import { Limits } from "./limits.ts";
import { Metrics } from "./metrics.ts";
import { observeAtlas, observeCalls, operations } from "./operations.ts";
import { PolicyFile } from "./policy-file.ts";
import { close, ServiceSets } from "./services.ts";
import { type Address, addressUrl, readServeSettings } from "./settings.ts";
import { Tokens } from "./tokens.ts";

/** How long the calls under way may take when the process is to end, in milliseconds. */
const CALLS_GRACE_MS = 25_000;
/** How long it may take after that to find out what became of writes, and to start again what was stopped. */
const WRITES_GRACE_MS = 11_000;
/** How long closing connections to Atlas may take, in milliseconds. */
const CLOSE_MS = 500;

/** Longer than load balancers keep a connection that nobody uses, so that none is closed while a request is on its way. */
const KEEP_ALIVE_MS = 75_000;
/** How long a client may take to send a request. */
const REQUEST_MS = 60_000;
/** A token that names many groups is long. */
const MAX_HEADER_BYTES = 32 * 1024;

/** The file descriptor. */
const STDOUT = 1;

interface Start {
  settings: Settings;
  env: NodeJS.ProcessEnv;
  /** What flags say in place of variables. */
  variables: Environment;
  /** A line for agents on what is special about where this server is connected to. */
  note?: string | undefined;
  /** Ends what was started beside. */
  cleanUp(): Promise<void>;
}

/**
 * Serves MCP over HTTP until a signal comes, and then ends the process.
 * @throws {SettingsError} for settings that cannot be used
 */
export async function serveHttp({ settings, env, variables, note, cleanUp }: Start): Promise<void> {
  const told = { ...env, ...variables };
  const { policy: policyPath } = settings;
  const serveSettings = readServeSettings(told, policyPath !== undefined);
  const isSandbox = settings.sandbox === true;
  const policyFile =
    policyPath === undefined ? undefined : new PolicyFile({ path: resolve(policyPath), env, isSandbox });
  const policy = await policyFile?.read().catch((error: unknown) => {
    throw error instanceof PolicyError || (error instanceof Error && "code" in error)
      ? new SettingsError(`${policyPath}: ${error.message}`)
      : error;
  });
  const audit = await auditOf(settings, STDOUT);
  const log = createLog({
    level: settings.logLevel,
    write: (line) => process.stderr.write(`${line}\n`),
    clock: systemClock,
  });
  const metrics = new Metrics();
  const countRefusedToken = metrics.counter(
    "unauthorized_total",
    "Requests without a token that can be used, by reason.",
  );
  const countLimited = metrics.counter("limited_total", "Requests beyond a limit of their caller.");
  const onAttempt = observeAtlas(metrics);
  if (audit) metrics.gauge("audit_lines_lost", "Lines of the audit that could not be written.", () => audit.lost);

  const served = servedSettings(settings, told, policy !== undefined);
  const sets = new ServiceSets(policy, (rule) => ({
    ...createServices(served, env, { rule, audit, onAttempt }),
    ...(note !== undefined && { note }),
  }));
  catchStrays(sets, log);
  const closing = new AbortController();
  if (policyFile) {
    const results = [{ result: "used" }, { result: "refused" }] as const;
    const count = metrics.counter("policy_readings_total", "Changed policies, by whether they could be used.", results);
    policyFile.watch(closing.signal, log, (latest) => {
      count({ result: latest ? "used" : "refused" });
      if (latest) sets.replace(latest);
    });
  }

  const { issuer } = serveSettings;
  const keys = issuer && new IssuerKeys(issuer.issuer, { proxy: settings.proxies.length > 0, clock: systemClock, log });
  void keys?.start();

  let ending = false;
  const lacking = () => [
    ...(ending ? ["The server is ending"] : []),
    ...(keys && !keys.areThere ? ["The issuer's keys have not been fetched"] : []),
    ...(sets.haveCredentials ? [] : ["Credentials are missing"]),
  ];
  const ops = await listen(createServer(operations(metrics, lacking)), serveSettings.opsListen);

  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  const { address } = await listen(server, serveSettings.listen);
  const url = serveSettings.publicUrl ?? addressUrl(address);
  const guard = new Guard({
    settings: serveSettings,
    url,
    ...(issuer && keys && { tokens: new Tokens(issuer, keys, systemClock) }),
    limits: new Limits(serveSettings, systemClock),
    log,
    onTokenRefused: (reason) => countRefusedToken({ reason }),
    onLimited: (limit) => countLimited({ limit }),
  });
  const handler = createHttpHandler(({ message }) =>
    log.debug("A request was not served", { why: maskedBy(sets, message) }),
  );
  const exchanges = new Exchanges({ guard, handler, sets, onResult: observeCalls(metrics) });
  metrics.gauge("requests_in_progress", "Requests under way.", () => exchanges.size);
  server.on("request", (request, response) => {
    exchanges.serve(request, response).catch((error: unknown) => {
      // A client that breaks off while it sends is no defect.
      if (!request.destroyed) log.error("A request failed unexpectedly", { error: describe(error, sets) });
      response.destroy();
    });
  });

  onSignals(async (hurry) => {
    ending = true;
    server.close();
    await before(exchanges.end(), CALLS_GRACE_MS, hurry);
    await before(exchanges.close(), WRITES_GRACE_MS);
    keys?.close();
    closing.abort();
    for (const each of [server, ops.server]) {
      each.close();
      each.closeAllConnections();
    }
    await before(Promise.allSettled([...sets.all.map(close), cleanUp(), audit?.close()]), CLOSE_MS);
    process.exit(0);
  });
  tellAddresses(url, ops.address);
}

/** Whatever the level of the log: without it, nobody would know that all is well. */
function tellAddresses({ href: url }: URL, opsAddress: Address): void {
  const entry = { level: "info", message: "Serving MCP over HTTP", url, ops: addressUrl(opsAddress).origin };
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
}

/** Ends the process at the first signal that asks for it; whoever asks twice does not want to wait for the calls. */
function onSignals(end: (hurry: Promise<void>) => Promise<void>): void {
  let ends: Promise<void> | undefined;
  let stopWaiting = () => {};
  const hurry = new Promise<void>((resolve) => {
    stopWaiting = resolve;
  });
  const onSignal = () => {
    if (ends) stopWaiting();
    ends ??= end(hurry);
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, onSignal);
}

/** What callers may use of the settings: what belongs to this machine is theirs only where a rule says so. */
function servedSettings(settings: Settings, env: Environment, hasPolicy: boolean): Settings {
  const { secretDir, ...others } = settings;
  return {
    ...others,
    // Nobody sits at this machine to type a secret, and what callers write themselves has passed through their chats.
    secretPage: false,
    inlineSecrets: variableIn(env, "ATLAS_STREAMS_MCP_INLINE_SECRETS") === "allow" ? "allow" : "refuse",
    ...(hasPolicy ? { secretEnv: [] } : secretDir !== undefined && { secretDir }),
  };
}

/** Waits for `work`, at most so long, and not beyond `hurry`. */
async function before(work: Promise<unknown>, milliseconds: number, hurry?: Promise<void>): Promise<void> {
  let stop = () => {};
  const late = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    stop = () => clearTimeout(timer);
  });
  await Promise.race([work, late, ...(hurry ? [hurry] : [])]);
  stop();
}

/** Resolves once `server` listens, with the port that it got. */
async function listen(server: Server, { host, port }: Address): Promise<{ server: Server; address: Address }> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const bound = server.address();
  return { server, address: { host, port: typeof bound === "object" && bound ? bound.port : port } };
}

/** What went wrong, with the secrets of every set masked. */
const describe = (error: unknown, sets: ServiceSets): string =>
  maskedBy(sets, error instanceof Error ? (error.stack ?? error.message) : typeof error);

const maskedBy = (sets: ServiceSets, text: string): string =>
  sets.all.reduce((masked, { redactor }) => redactor.text(masked), text);

/** A defect is one line on the log, its secrets masked; Node would print whole objects. */
function catchStrays(sets: ServiceSets, log: Log): void {
  process.on("unhandledRejection", (stray) => log.error("Unhandled rejection", { error: describe(stray, sets) }));
  process.on("uncaughtException", (stray) => {
    log.error("Uncaught exception", { error: describe(stray, sets) });
    void Promise.allSettled(sets.all.map(({ restarts }) => restarts.end())).finally(() => process.exit(1));
  });
  // Nobody is left to read the log: not a reason to end.
  process.stderr.on("error", () => {});
}
