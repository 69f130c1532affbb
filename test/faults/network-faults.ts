/** Faults below HTTP, where nothing that is Atlas can be reached at all. */
import { proxyAnswering, raw, refusing, selfSigned, unresolvable } from "./endpoints.ts";
import type { FaultCase } from "./faults.ts";
import type { Fate } from "./oracle.ts";

/** No connection was made, so no byte of a request was sent. */
const unsent = (kind: "network" | "timeout", retryable = true): FaultCase["fate"] => {
  return () => ({ write: "refused", kind, retryable });
};

/** A request was sent. The first one is the write only where neither a token nor a challenge comes before it. */
const sent = (kind: "network" | "timeout"): FaultCase["fate"] => {
  return (credentials): Fate =>
    credentials === "access token"
      ? { write: "unclear", kind, acted: false, check: "unreadable" }
      : { write: "refused", kind, retryable: true };
};

/** Sends the head of an answer a byte at a time. */
const slowHead = `HTTP/1.1 200 OK\r\nx-padding: ${"x".repeat(1000)}`;

const atNetwork: readonly FaultCase[] = [
  { name: "refused connect", waits: true, fate: unsent("network"), endpoint: refusing },
  { name: "DNS failure", waits: true, fate: unsent("network"), endpoint: unresolvable },
  { name: "TLS failure", fate: unsent("network", false), endpoint: selfSigned },
  { name: "TLS never answered", waits: true, fate: unsent("timeout"), endpoint: () => raw("https", () => {}) },
  {
    name: "TLS answered with a reset",
    waits: true,
    fate: unsent("network"),
    endpoint: () => raw("https", (socket) => socket.once("data", () => socket.resetAndDestroy())),
  },
  {
    name: "the proxy refuses the tunnel",
    waits: true,
    fate: unsent("network"),
    endpoint: () => proxyAnswering("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"),
  },
  { name: "the proxy hangs up", waits: true, fate: unsent("network"), endpoint: () => proxyAnswering("") },
  {
    name: "reset before a byte of an answer",
    waits: true,
    fate: sent("network"),
    endpoint: () => raw("http", (socket) => socket.once("data", () => socket.resetAndDestroy())),
  },
  {
    name: "closed before a byte of an answer",
    waits: true,
    fate: sent("network"),
    endpoint: () => raw("http", (socket) => socket.once("data", () => socket.end())),
  },
  { name: "no byte of an answer", waits: true, fate: sent("timeout"), endpoint: () => raw("http", () => {}) },
  {
    name: "slow-loris head",
    waits: true,
    fate: sent("timeout"),
    endpoint: () =>
      raw("http", (socket) => {
        let at = 0;
        const timer = setInterval(() => socket.write(slowHead[at++ % slowHead.length] ?? "x"), 50);
        socket.on("close", () => clearInterval(timer));
      }),
  },
  {
    name: "an answer of another protocol",
    waits: true,
    fate: sent("network"),
    endpoint: () => raw("http", (socket) => socket.once("data", () => socket.end("SSH-2.0-OpenSSH_9.9\r\n"))),
  },
];

/** A call that reads first never comes to its write. */
export const networkFaults: readonly FaultCase[] = atNetwork.map((fault) => ({
  ...fault,
  meets: ({ readsFirst }) => !readsFirst,
}));
