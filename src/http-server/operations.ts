/** What the server tells those who run it: probes, and metrics of the calls. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { OnAttempt } from "../atlas/http.ts";
import { isObject } from "../json.ts";
import { isRequest, type JsonRpcMessage, type RequestResult } from "../protocol/messages.ts";
import { generatedTools } from "../tools/generated/tools.ts";
import type { Metrics } from "./metrics.ts";

/** @param lacking why no calls should be sent here; empty where nothing speaks against it */
export function operations(metrics: Metrics, lacking: () => string[]) {
  const answers = new Map<string, () => { status: number; text: string }>([
    ["/livez", () => ({ status: 200, text: "ok\n" })],
    [
      "/readyz",
      () => {
        const lacks = lacking();
        return { status: lacks.length === 0 ? 200 : 503, text: `${lacks.join("; ") || "ok"}\n` };
      },
    ],
    ["/metrics", () => ({ status: 200, text: metrics.text() })],
  ]);
  return ({ method, url }: IncomingMessage, response: ServerResponse): void => {
    const isRead = method === "GET" || method === "HEAD";
    const answer = answers.get((url ?? "").replace(/\?.*/s, ""));
    const { status, text } = !answer
      ? { status: 404, text: "There are /livez, /readyz and /metrics\n" }
      : isRead
        ? answer()
        : { status: 405, text: "Only GET is served here\n" };
    response.writeHead(status, {
      "Content-Type": "text/plain; version=0.0.4; charset=utf-8",
      "Cache-Control": "no-store",
    });
    response.end(text);
  };
}

/** Counts requests to Atlas. */
export function observeAtlas(metrics: Metrics): OnAttempt {
  const count = metrics.counter("atlas_requests_total", "Requests to Atlas, by method and status.");
  return ({ method, status, failure }) => count({ method, status: status ?? failure ?? "none" });
}

/** Counts calls by tool and outcome, and what the policy refuses. */
export function observeCalls(metrics: Metrics) {
  const count = metrics.counter("calls_total", "Calls of tools, by tool, outcome and kind of error.");
  const refuse = metrics.counter("policy_refusals_total", "Calls that the policy refused, by tool and rule.");
  const time = metrics.histogram("call_duration_seconds", "How long calls of tools took, by tool.");
  metrics.gauge("resident_memory_bytes", "Memory of the process.", () => process.memoryUsage.rss());
  return (message: JsonRpcMessage, { structuredContent }: RequestResult, seconds: number): void => {
    if (!isRequest(message) || message.method !== "tools/call" || !isObject(structuredContent)) return;
    const name = message.params?.["name"];
    const tool = generatedTools.find((each) => each.name === name)?.name ?? "none";
    const { outcome, error } = structuredContent;
    count({ tool, outcome: String(outcome), kind: isObject(error) ? String(error["kind"]) : "" });
    // It has no rule where none is for the caller.
    if (isObject(error) && Array.isArray(error["allowed"])) refuse({ tool, rule: String(error["rule"] ?? "") });
    time(seconds, { tool });
  };
}
