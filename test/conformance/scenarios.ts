/**
 * Which server scenarios of the official suite say something about this server. The suite is written for SDKs: most of
 * it calls tools, prompts and resources that a fixture has under names of the suite's own.
 */

export const revisions = ["2025-11-25", "2026-07-28"] as const;

/** What the suite is run against: the stdio server behind a bridge, and `serve` itself. */
export const targets = ["stdio", "serve"] as const;
export type Target = (typeof targets)[number];

/** Why a scenario does not apply. */
export type Inapplicable = "fixture" | "http" | "not offered";

export const reasons: Readonly<Record<Inapplicable, string>> = {
  fixture: "calls a tool, prompt or resource of the suite's own fixture",
  http: "is about HTTP, which is the bridge's for the stdio server",
  "not offered": "is about an optional capability or an extension that this server does not declare",
};

const inapplicable: Readonly<Record<Inapplicable, readonly RegExp[]>> = {
  fixture: [
    /^tools-call-/,
    /^elicitation-/,
    /^prompts-get-/,
    /^resources-(read|templates)-/,
    /^completion-complete$/,
    /^json-schema-2020-12$/,
    /^http-custom-header-/,
    /^input-required-result-(?!unsupported-methods$)/,
  ],
  http: [/^http-/, /^server-sse-/, /^dns-rebinding-protection$/],
  "not offered": [/^resources-(un)?subscribe$/, /^tasks-/, /^server-session-lifecycle$/],
};

/** Why this scenario does not apply, or undefined where it does: it has to pass then. */
export function whyNot(scenario: string, target: Target): Inapplicable | undefined {
  const all = ["fixture", "http", "not offered"] as const;
  for (const reason of all.filter((each) => target === "stdio" || each !== "http"))
    if (inapplicable[reason].some((pattern) => pattern.test(scenario))) return reason;
  return undefined;
}
