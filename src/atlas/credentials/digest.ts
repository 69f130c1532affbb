/**
 * An Atlas API key: HTTP Digest access authentication with `qop=auth`, MD5 or SHA-256.
 *
 * Written here because no maintained library does the job: of those on npm, one refuses the `charset` and `userhash`
 * parameters that RFC 7616 allows, one knows only MD5, and the others wrap an HTTP client of their own.
 * @see RFC 7616
 */
import type { HttpRequest } from "../http.ts";
import type { Credentials } from "./credentials.ts";

interface Challenge {
  realm: string;
  nonce: string;
  opaque: string | undefined;
  algorithm: "MD5" | "SHA-256";
  /** Whether the challenge named the algorithm. If not, the response does not name it either. */
  named: boolean;
  stale: boolean;
}

/** A challenge, and how many requests have used its nonce. */
interface CountedChallenge extends Challenge {
  count: number;
}

/** How many idle challenges are kept for later requests. */
const MAX_IDLE = 16;

/**
 * Each nonce is used by one request at a time: a server may insist that its count rises, which requests that
 * overtake each other on several connections would break.
 */
export function digest({ publicKey, privateKey }: { publicKey: string; privateKey: string }): Credentials {
  const idle: CountedChallenge[] = [];
  const inUse = new Map<string, CountedChallenge>();

  return {
    async authorize(request) {
      const challenge = idle.pop();
      if (!challenge) return undefined;
      challenge.count += 1;
      const authorization = await respond(challenge, request, { username: publicKey, password: privateKey });
      inUse.set(authorization, challenge);
      return authorization;
    },
    learn(authorization, answer, attempt) {
      const used = authorization === undefined ? undefined : inUse.get(authorization);
      if (authorization !== undefined) inUse.delete(authorization);
      if (answer?.status !== 401) {
        if (used && answer && idle.length < MAX_IDLE) idle.push(used);
        return false;
      }
      const offered = strongest(answer.headers["www-authenticate"] ?? "");
      if (!offered || attempt > 2) return false;
      // A nonce that is refused on its first use means that the key is wrong. One that has worked before may simply
      // have been forgotten, by a server that restarted or that does not say `stale`.
      if (used?.count === 1 && !offered.stale) return false;
      idle.push({ ...offered, count: 0 });
      return true;
    },
  };
}

async function respond(
  { realm, nonce, opaque, algorithm, named, count }: CountedChallenge,
  { method, path }: Pick<HttpRequest, "method" | "path">,
  { username, password }: { username: string; password: string },
): Promise<string> {
  // Loaded late: it takes long, and most configurations have no use for it.
  const { createHash, randomBytes } = await import("node:crypto");
  const hash = (text: string) =>
    createHash(algorithm === "MD5" ? "md5" : "sha256")
      .update(text)
      .digest("hex");
  const nc = count.toString(16).padStart(8, "0");
  const cnonce = randomBytes(16).toString("hex");
  const response = hash(
    [hash(`${username}:${realm}:${password}`), nonce, nc, cnonce, "auth", hash(`${method}:${path}`)].join(":"),
  );
  // RFC 7616, section 3.4: these values are quoted, and `algorithm`, `qop` and `nc` must not be.
  const quoted = (value: string) => `"${value.replace(/[\\"]/g, "\\$&")}"`;
  return [
    `Digest username=${quoted(username)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(path)}`,
    ...(named ? [`algorithm=${algorithm}`] : []),
    "qop=auth",
    `nc=${nc}`,
    `cnonce="${cnonce}"`,
    `response="${response}"`,
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
  ].join(", ");
}

/** The strongest Digest challenge of a `WWW-Authenticate` header that can be answered, else undefined. */
export function strongest(header: string): Challenge | undefined {
  const challenges = digestParameters(header).flatMap((parameters): Challenge[] => {
    const { realm, nonce, opaque, qop, algorithm, stale } = parameters;
    const known = (["MD5", "SHA-256"] as const).find((name) => name === (algorithm ?? "MD5").toUpperCase());
    // Without `qop`, a server asks for the scheme of RFC 2069, which no current server needs.
    const usable = qop?.split(",").some((choice) => choice.trim().toLowerCase() === "auth");
    if (realm === undefined || nonce === undefined || !known || !usable) return [];
    return [
      {
        realm,
        nonce,
        opaque,
        algorithm: known,
        named: algorithm !== undefined,
        stale: stale?.toLowerCase() === "true",
      },
    ];
  });
  return challenges.find(({ algorithm }) => algorithm === "SHA-256") ?? challenges[0];
}

/** The parameters of each Digest challenge in a header that may hold challenges of several schemes. */
function digestParameters(header: string): Record<string, string>[] {
  const found: Record<string, string>[] = [];
  let current: Record<string, string> | undefined;
  const token = /(?:([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))|([\w!#$%&'*+.^`|~-]+)/g;
  for (const [, key, quoted, plain, scheme] of header.matchAll(token)) {
    if (scheme !== undefined) {
      current = scheme.toLowerCase() === "digest" ? {} : undefined;
      if (current) found.push(current);
    } else if (current && key !== undefined) {
      current[key.toLowerCase()] = quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "";
    }
  }
  return found;
}
