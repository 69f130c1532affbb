/** Requests from anyone but the person in front of the page are refused and told nothing, and the page stays open. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type SecretPage, SecretPages } from "../../src/secret-page/pages.ts";
import { ask, browserHeaders, formTokenOf, isSettled, kafka, submit } from "./support.ts";

let pages: SecretPages;
let page: SecretPage;
let url: string;
const secrets: string[] = [];
const host = () => new URL(url).host;
const port = () => Number(new URL(url).port);

beforeEach(async () => {
  secrets.length = 0;
  pages = new SecretPages({ onSecret: (values) => secrets.push(...values) });
  page = await pages.serve(kafka);
  url = page.url;
});
afterEach(() => pages.close());

/** Nothing has happened: the page has no answer and no secret yet, and still takes the person's. */
async function isUntouched() {
  expect(await isSettled(page.ended)).toBe(false);
  expect(secrets).toEqual([]);
  expect((await submit(url, ["hunter2"])).status).toBe(303);
  expect(await page.ended).toMatchObject({ kind: "submitted" });
}

/** The bytes of an answer to bytes. */
async function raw(...lines: string[]): Promise<string> {
  const socket = connect(port(), "127.0.0.1");
  socket.end(lines.map((line) => `${line}\r\n`).join(""));
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(socket, "close");
  return Buffer.concat(chunks).toString();
}

/** A form whose head the server has read and whose body it waits for; the function sends that and gives the answer. */
async function halfSent(token: string, action: string): Promise<() => Promise<string>> {
  const body = `form=${token}&action=${action}${action === "submit" ? "&secret-0=hunter2" : ""}`;
  const socket = connect(port(), "127.0.0.1");
  const chunks: Buffer[] = [];
  const answered = once(socket, "close");
  const { pathname, origin } = new URL(url);
  socket.write(
    [
      `POST ${pathname} HTTP/1.1`,
      `Host: ${host()}`,
      `Origin: ${origin}`,
      "Content-Type: application/x-www-form-urlencoded",
      `Content-Length: ${body.length}`,
      "Expect: 100-continue",
      "",
      "",
    ].join("\r\n"),
  );
  const [first]: Buffer[] = await once(socket, "data");
  expect(String(first)).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  return async () => {
    socket.write(body);
    await answered;
    return Buffer.concat(chunks).toString();
  };
}

describe("the host", () => {
  test.each([
    ["another name for this computer", () => `localhost:${port()}`],
    ["a name that was made to point here", () => `evil.example.com:${port()}`],
    ["another port", () => `127.0.0.1:${port() === 1 ? 2 : 1}`],
    ["no port", () => "127.0.0.1"],
    ["a longer name", () => `127.0.0.1:${port()}.evil.example.com`],
    ["another way to write the address", () => `0x7f.0.0.1:${port()}`],
  ])("must be the one that is bound: %s is refused", async (_, other) => {
    for (const method of ["GET", "HEAD", "POST", "OPTIONS"] as const) {
      const { status, text, headers } = await ask(url, { method, headers: { host: other() } });
      expect([status, text]).toEqual([421, ""]);
      expect(headers["content-type"]).toBeUndefined();
    }
    expect((await submit(url, ["hunter2"], { headers: { host: other() } })).status).toBe(421);
    await isUntouched();
  });

  test("must be given, and once", async () => {
    const { pathname } = new URL(url);
    expect(await raw(`GET ${pathname} HTTP/1.1`, "")).toMatch(/^HTTP\/1.1 400 /);
    expect(await raw(`GET ${pathname} HTTP/1.0`, "")).toMatch(/^HTTP\/1.1 421 /);
    expect(await raw(`GET ${pathname} HTTP/1.1`, `Host: ${host()}`, "Host: evil", "")).toMatch(/^HTTP\/1.1 4(00|21) /);
    await isUntouched();
  });
});

describe("a form", () => {
  test.each([
    ["from another origin", { origin: "https://evil.example.com" }],
    ["from another port", { origin: "http://127.0.0.1:1" }],
    ["from another scheme", { origin: "https://127.0.0.1" }],
    ["from another site", { "sec-fetch-site": "cross-site" }],
    ["from another page of this computer", { "sec-fetch-site": "same-site" }],
    ["from no page", { "sec-fetch-site": "none" }],
    ["from a sandboxed frame", { origin: "null", "sec-fetch-site": "cross-site" }],
    ["from nowhere, on another site", { origin: "", "sec-fetch-site": "cross-site" }],
    ["from nowhere", { origin: "" }],
  ])("%s is refused", async (_, headers) => {
    const { status, text } = await submit(url, ["hunter2"], { headers });
    expect(status).toBe(403);
    expect(text).not.toContain(new URL(url).pathname.slice(1));
    await isUntouched();
  });

  test.each([
    ["without an origin", {}],
    ["with a hidden origin and no sign of where it is from", { origin: "null" }],
  ])("%s is refused", async (_, headers) => {
    const body = new URLSearchParams({ form: await formTokenOf(url), action: "submit", "secret-0": "hunter2" });
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const { status } = await ask(url, { method: "POST", headers: { ...type, ...headers }, body: body.toString() });
    expect(status).toBe(403);
    await isUntouched();
  });

  test("of the page itself is taken from a browser that hides the origin, or tells no site", async () => {
    expect((await submit(url, [""], { headers: { origin: "null" } })).status).toBe(303);
    const body = new URLSearchParams({ form: await formTokenOf(url), action: "submit", "secret-0": "" });
    const { "sec-fetch-site": _, ...headers } = browserHeaders(url);
    expect((await ask(url, { method: "POST", headers, body: body.toString() })).status).toBe(303);
  });

  test.each([
    ["without its token", (token: string) => ({ form: "", token })],
    ["with a wrong token", (token: string) => ({ form: `${token.slice(1)}A` })],
    ["with the token of another page", () => ({ form: "other" })],
  ])("%s is refused", async (_, form) => {
    const other = await pages.serve(kafka);
    const given = form(await formTokenOf(url));
    const { status, text } = await submit(url, ["hunter2"], {
      form: { form: given.form === "other" ? await formTokenOf(other.url) : given.form },
    });
    expect(status).toBe(403);
    expect(text).not.toContain("hunter2");
    await isUntouched();
  });

  test.each([
    ["a field too many", "&secret-1=x"],
    ["a field twice", "&secret-0=x"],
    ["an unknown field", "&__proto__=x"],
    ["two actions", "&action=cancel"],
  ])("with %s is refused", async (_, more) => {
    const body = `form=${await formTokenOf(url)}&action=submit&secret-0=hunter2${more}`;
    const { status, text } = await ask(url, { method: "POST", headers: browserHeaders(url), body });
    expect([status, text.includes("hunter2")]).toEqual([400, false]);
    await isUntouched();
  });

  test.each([
    ["without its fields", "action=submit"],
    ["with another action", "action=delete&secret-0=hunter2"],
    ["without an action", "secret-0=hunter2"],
    ["with nothing", ""],
  ])("%s is refused", async (_, rest) => {
    const body = rest && `form=${await formTokenOf(url)}&${rest}`;
    expect((await ask(url, { method: "POST", headers: browserHeaders(url), body })).status).toBe(400);
    await isUntouched();
  });

  test.each([
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/json",
    "application/x-www-form-urlencodedx",
  ])("as %s is refused", async (type) => {
    expect((await submit(url, ["hunter2"], { headers: { "content-type": type } })).status).toBe(415);
    await isUntouched();
  });

  test("of more than 256 KiB is refused, and one just below is taken", async () => {
    const tooLarge = await submit(url, ["x".repeat(256 * 1024)]);
    expect(tooLarge.status).toBe(413);
    expect(tooLarge.text).toContain("256 KiB");
    expect(secrets).toEqual([]);
    expect((await submit(url, ["x".repeat(255 * 1024)])).status).toBe(303);
  });

  test("of exactly 256 KiB is taken, and one byte more is refused", async () => {
    const start = `form=${await formTokenOf(url)}&action=submit&secret-0=`;
    const post = (length: number) =>
      ask(url, { method: "POST", headers: browserHeaders(url), body: start + "x".repeat(length - start.length) });
    expect((await post(256 * 1024 + 1)).status).toBe(413);
    expect(secrets).toEqual([]);
    expect((await post(256 * 1024)).status).toBe(303);
    expect(secrets.map(({ length }) => length)).toEqual([256 * 1024 - start.length]);
  });

  test("that is too large is read to its end before it is answered, up to a limit", async () => {
    const { status } = await submit(url, ["x".repeat(3 * 1024 * 1024)]);
    expect(status).toBe(413);
    await isUntouched();
  });

  test("without a content type is refused", async () => {
    const { "content-type": _, ...headers } = browserHeaders(url);
    const body = `form=${await formTokenOf(url)}&action=submit&secret-0=hunter2`;
    expect((await ask(url, { method: "POST", headers, body })).status).toBe(415);
    await isUntouched();
  });

  test.each([
    ["submit", "cancel"],
    ["cancel", "submit"],
    ["submit", "submit"],
  ])("of two tabs that end the page at once, the first to arrive counts: %s, then %s", async (...actions) => {
    const token = await formTokenOf(url);
    const tabs = await Promise.all(actions.map((action) => halfSent(token, action)));
    const answers: string[] = [];
    for (const finish of tabs) answers.push(await finish());
    expect(answers.map((answer) => answer.slice(0, 12))).toEqual(["HTTP/1.1 303", "HTTP/1.1 404"]);
    expect(answers[1]).toContain("This page is closed");
    const first = { submit: { kind: "submitted" }, cancel: { kind: "cancelled" } }[actions[0] ?? ""];
    expect(await page.ended).toMatchObject({ ...first });
  });

  test("to a page that has ended, or to what tells of its end, is answered as if it had never been", async () => {
    const token = await formTokenOf(url);
    const { headers } = await submit(url, ["hunter2"]);
    const end = new URL(String(headers["location"]), url).href;
    const body = `form=${token}&action=submit&secret-0=hunter3`;
    for (const at of [url, end]) {
      const { status, text } = await ask(at, { method: "POST", headers: browserHeaders(url), body });
      expect([status, text.includes("This page is closed")]).toEqual([404, true]);
    }
    expect((await ask(end)).status).toBe(200);
    expect(secrets).toEqual(["hunter2"]);
  });

  test("that does not end is cut off", async () => {
    const body = "x".repeat(5 * 1024 * 1024);
    await expect(submit(url, [body])).rejects.toThrow();
    await isUntouched();
  });

  test("is an error without details when the secrets cannot be kept safe, and is not taken", async () => {
    const failing = new SecretPages({
      onSecret: () => {
        throw new Error("no room for hunter2");
      },
    });
    const { url: at, ended } = await failing.serve(kafka);
    const { status, text } = await submit(at, ["hunter2"]);
    expect([status, text.includes("hunter2")]).toEqual([500, false]);
    expect(await isSettled(ended)).toBe(false);
    await failing.close();
  });
});

describe("the path", () => {
  const variants: [string, () => string][] = [
    ["the root", () => "/"],
    ["a wrong one", () => `/${"A".repeat(43)}`],
    ["with a query", () => `${new URL(url).pathname}?a`],
    ["with a slash at its end", () => `${new URL(url).pathname}/`],
    ["cut short", () => new URL(url).pathname.slice(0, -1)],
    ["in capitals", () => new URL(url).pathname.toUpperCase()],
    ["of a browser that looks for an icon", () => "/favicon.ico"],
  ];
  test.each(variants)("%s is not there", async (_, path) => {
    const { status, text } = await ask(new URL(path(), url).href);
    expect(status).toBe(404);
    expect(text).toContain("This page is closed");
    expect(text).not.toContain("orders");
    await isUntouched();
  });

  test("as a proxy is asked for it is not there", async () => {
    const answer = await raw(`GET ${url} HTTP/1.1`, `Host: ${host()}`, "Connection: close", "");
    expect(answer).toMatch(/^HTTP\/1.1 404 /);
  });

  test("has 256 random bits, new for every page", async () => {
    const others = await Promise.all([pages.serve(kafka), pages.serve(kafka)]);
    const paths = [page, ...others].map((opened) => new URL(opened.url).pathname.slice(1));
    for (const path of paths) expect(Buffer.from(path, "base64url")).toHaveLength(32);
    expect(new Set(paths).size).toBe(3);
  });

  test.each(["PUT", "DELETE", "OPTIONS"] as const)("takes no %s, there or elsewhere", async (method) => {
    for (const path of [url, new URL("/other", url).href]) {
      const { status, headers, text } = await ask(path, { method });
      expect([status, headers["allow"], text]).toEqual([405, "GET, HEAD, POST", ""]);
    }
    await isUntouched();
  });
});

describe("every answer", () => {
  test("is kept to itself", async () => {
    const end = await submit(url, ["hunter2"]);
    const answers = [
      await ask((await pages.serve(kafka)).url),
      end,
      await ask(new URL(String(end.headers["location"]), url).href),
      await ask(url),
      await ask(url, { headers: { host: "evil" } }),
      await ask(url, { method: "PUT" }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 303, 200, 404, 421, 405]);
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        "cache-control": "no-store",
        connection: "close",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
      });
      expect(headers["set-cookie"]).toBeUndefined();
      expect(headers["access-control-allow-origin"]).toBeUndefined();
    }
  });

  test("allows nothing but its own style and script, by their hashes", async () => {
    const { text, headers } = await ask(url);
    const hash = (element: string) => {
      const [, content = ""] = new RegExp(`<${element}>([^]*?)</${element}>`).exec(text) ?? [];
      return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
    };
    expect(String(headers["content-security-policy"]).split("; ")).toEqual([
      "default-src 'none'",
      `style-src ${hash("style")}`,
      `script-src ${hash("script")}`,
      "form-action 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ]);
    expect(text).not.toMatch(/ (style|src|on\w+)=/);
    expect(text.match(/https?:/g)).toBeNull();
  });
});

describe("a client", () => {
  test("that is slow to send the head of a request is cut off", { timeout: 30_000 }, async () => {
    const socket = connect(port(), "127.0.0.1");
    socket.write(`GET / HTTP/1.1\r\nHost: ${host()}\r\n`);
    const started = Date.now();
    socket.resume();
    await once(socket, "close");
    // Long before the limit of a whole request, which is 15 seconds.
    expect(Date.now() - started).toBeLessThan(14_000);
    await isUntouched();
  });

  test("that sends too large a head is refused", async () => {
    const { status } = await ask(url, { headers: { cookie: "x".repeat(40_000) } });
    expect(status).toBe(431);
    await isUntouched();
  });

  test("that sends the many cookies of other servers on this address is served", async () => {
    const cookie = Array.from({ length: 30 }, (_, at) => `session-${at}=${"x".repeat(1_000)}`).join("; ");
    expect((await ask(url, { headers: { cookie } })).status).toBe(200);
    expect((await submit(url, [""], { headers: { cookie } })).status).toBe(303);
    await isUntouched();
  });
});
