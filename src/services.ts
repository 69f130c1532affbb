/** Puts together what the tools work with, from checked settings. */
import { type Atlas, createAtlas } from "./atlas/atlas.ts";
import type { OnAttempt } from "./atlas/http.ts";
import { Restarts } from "./atlas/restarts.ts";
import type { Audit } from "./audit/audit.ts";
import { systemClock } from "./clock.ts";
import { credentialSecrets, type Settings, settingSecrets } from "./config/settings.ts";
import { createLog, type Log } from "./log.ts";
import type { Rule } from "./policy/rule.ts";
import { SecretDesk } from "./secret-page/desk.ts";
import { keepReachable } from "./secrets/reachable.ts";
import { Redactor } from "./secrets/redactor.ts";
import { Turns } from "./turns.ts";

/** What every tool works with: one for the process or, where it serves several rules of a policy, one for each. */
export interface Services {
  settings: Settings;
  atlas: Atlas;
  redactor: Redactor;
  log: Log;
  env: Readonly<Record<string, string | undefined>>;
  /** Masks from now on what every file that a reference can reach holds; reads again those that have changed. */
  keepFiles(): Promise<void>;
  /** What is still being found out about writes whose calls were cancelled. */
  abandoned: Set<Promise<unknown>>;
  /** What was stopped for a while. */
  restarts: Restarts;
  /** Work on the same thing, one call after the other. */
  turns: Turns;
  desk: SecretDesk;
  /** What the callers may do; left out where there is no policy. */
  rule?: Rule;
  /** Where it is written down what they did. */
  audit?: Audit;
  /** A line for agents on what is special about where this server is connected to. */
  note?: string;
}

interface ServiceOptions {
  rule?: Rule | undefined;
  audit?: Audit | undefined;
  /** Told of every request to Atlas. */
  onAttempt?: OnAttempt | undefined;
}

export function createServices(
  configured: Settings,
  env: Readonly<Record<string, string | undefined>>,
  { rule, audit, onAttempt }: ServiceOptions = {},
): Services {
  const settings = rule ? settingsUnder(configured, rule) : configured;
  const redactor = new Redactor();
  redactor.add([...settingSecrets(settings), ...settingSecrets(configured), ...(rule?.operator.values ?? [])]);
  const log = createLog({
    level: settings.logLevel,
    write: (line) => process.stderr.write(`${redactor.line(line)}\n`),
    clock: systemClock,
  });
  // A few tokens back, since an answer to a request with an old one may still be under way.
  const tokens: (() => void)[] = [];
  const onToken = (token: string) => {
    tokens.push(redactor.add([token]));
    if (tokens.length > 4) tokens.shift()?.();
  };
  const onOwnAttempt: OnAttempt = (attempt) => {
    log.debug("HTTP request", { ...attempt });
    onAttempt?.(attempt);
  };
  const mask = (text: string) => redactor.text(text);
  const { secretEnv, secretDir } = settings;
  const gate = rule?.gate({ mask: (name) => redactor.name(name), owes: (request) => restarts.owes(request) });
  const atlas = reporting(
    createAtlas({ settings, clock: systemClock, onToken, mask, onAttempt: onOwnAttempt, gate }),
    onAttempt,
  );
  const restarts = new Restarts(atlas, log, (name) => redactor.field(name));
  // What a variable or a file held before may still stand in Atlas.
  const keep = (value: string) => {
    const release = redactor.add([value]);
    return () => {
      redactor.remember([value]);
      release();
    };
  };
  return {
    settings,
    redactor,
    log,
    env,
    keepFiles: keepReachable({ env, secretEnv, ...(secretDir !== undefined && { secretDir }), keep }),
    desk: new SecretDesk((secrets) => redactor.remember(secrets), systemClock),
    abandoned: new Set(),
    restarts,
    turns: new Turns(),
    atlas,
    ...(rule && { rule }),
    ...(audit && { audit }),
  };
}

/** The same Atlas, which reports every attempt to `onAttempt`, whoever else is told of it. */
function reporting(atlas: Atlas, onAttempt: OnAttempt | undefined): Atlas {
  if (!onAttempt) return atlas;
  return {
    ...atlas,
    observedBy(own, gate) {
      const both: OnAttempt = (attempt) => {
        onAttempt(attempt);
        own(attempt);
      };
      return atlas.observedBy(both, gate);
    },
  };
}

/** The settings of whom a rule is for: its own credentials, and what its references may read. */
function settingsUnder(settings: Settings, { credential, secrets, operator, ...rule }: Rule): Settings {
  const { secretDir, ...others } = settings;
  const dir = secrets ? secrets.dir : secretDir;
  return {
    ...others,
    ...(secrets && { secretEnv: secrets.env, secretsNamedBy: rule.name }),
    ...(dir !== undefined && { secretDir: dir }),
    // The sandbox takes no others.
    ...(credential &&
      !settings.sandbox && {
        credentials: credential.settings,
        credentialSource: `the policy's credential "${credential.name}"`,
      }),
    reserved: { ...operator, values: [...operator.values, ...credentialSecrets(settings.credentials)] },
  };
}
