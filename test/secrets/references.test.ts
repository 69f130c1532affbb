import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dotted } from "../../src/json.ts";
import {
  isReference,
  type ReferenceSources,
  readWhole,
  resolveReferences,
  whyNoSecret,
  withoutScheme,
} from "../../src/secrets/references.ts";

const sources: ReferenceSources = {
  env: { ALLOWED: "hunter2", ALSO_ALLOWED: "s3cret", EMPTY: "", OTHER: "elsewhere", lower_case: "x" },
  secretEnv: ["ALLOWED", "ALSO_*", "EMPTY", "UNSET", "lower_case"],
  forbiddenValues: [],
  placeOf: () => "secret",
};

const resolve = (text: unknown, over: Partial<ReferenceSources> = {}) =>
  resolveReferences(text, ["connection"], { ...sources, ...over });

/** What became of one string that has to resolve. */
async function resolved(text: string, over: Partial<ReferenceSources> = {}): Promise<unknown> {
  const { value, problems } = await resolve(text, over);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return value;
}

/** The one problem with a string that must not resolve: nothing of it may be given away. */
async function problemWith(text: string, over: Partial<ReferenceSources> = {}): Promise<string> {
  const { value, problems, secrets } = await resolve(text, over);
  expect(value).toBe(text);
  expect(secrets).toEqual([]);
  expect(problems).toHaveLength(1);
  expect(problems[0]?.path).toEqual(["connection"]);
  return problems[0]?.message ?? "";
}

describe("a reference", () => {
  test("is resolved in any string of a value, which is not changed itself", async () => {
    const value = {
      name: "x",
      headers: { Authorization: "Bearer ${env:ALLOWED}" },
      list: ["${env:ALSO_ALLOWED}", 7, null],
    };
    expect(await resolve(value)).toEqual({
      value: { ...value, headers: { Authorization: "Bearer hunter2" }, list: ["s3cret", 7, null] },
      secrets: ["hunter2", "s3cret"],
      hidden: [
        { path: ["headers", "Authorization"], parts: [{ start: 7, end: 14 }] },
        { path: ["list", "0"], parts: [{ start: 0, end: 6 }] },
      ],
      problems: [],
    });
    expect(value.headers.Authorization).toBe("Bearer ${env:ALLOWED}");
  });

  test("stands beside others in one string", async () => {
    expect(await resolved("${env:ALLOWED}:${env:ALSO_ALLOWED}/${env:ALLOWED}")).toBe("hunter2:s3cret/hunter2");
  });

  test("is not looked for in what another one gave", async () => {
    expect(await resolved("${env:ALLOWED}", { env: { ALLOWED: "${env:ALSO_ALLOWED} $& $1" } })).toBe(
      "${env:ALSO_ALLOWED} $& $1",
    );
  });

  test("with a second dollar sign stands for its own text", async () => {
    expect(await resolve("$${env:ALLOWED} $${file:name} $${env:OTHER} ${env:ALLOWED}")).toEqual({
      value: "${env:ALLOWED} ${file:name} ${env:OTHER} hunter2",
      secrets: ["hunter2"],
      hidden: [{ path: [], parts: [{ start: 41, end: 48 }] }],
      problems: [],
    });
  });

  test.each(["", "text", "${ALLOWED}", "$env:ALLOWED", "${env:ALLOWED", "${ENV:ALLOWED}", "${vault:x}", "$${x}", "$$"])(
    "is not what %j is",
    async (text) => {
      expect(await resolve(text)).toEqual({ value: text, secrets: [], hidden: [], problems: [] });
    },
  );

  test("that fails leaves the others to be told of too", async () => {
    const { problems } = await resolve({ a: "${env:OTHER} ${env:UNSET}", b: ["${file:x}"] });
    expect(problems.map(({ path, message }) => `${dotted(path)}: ${message.split(" ")[0]}`)).toEqual([
      "connection.a: ${env:OTHER}",
      "connection.a: ${env:UNSET}",
      "connection.b[0]: ${file:x}",
    ]);
  });
});

test("more references than anything needs are refused, and none of them is looked up", async () => {
  const few = await resolve({ a: "${env:ALLOWED}".repeat(60), b: "${env:ALLOWED}".repeat(40) });
  expect(few.problems).toEqual([]);
  const value = { a: "${env:ALLOWED}".repeat(60), b: "${env:ALLOWED}".repeat(41) };
  expect(await resolve(value)).toEqual({
    value,
    secrets: [],
    hidden: [],
    problems: [{ path: ["connection", "b"], message: "has the reference that is one too many: there can be 100" }],
  });
});

test("a reference where none may stand is refused, and not looked up", async () => {
  const { value, secrets, problems } = await resolve("${env:ALLOWED}", { placeOf: () => "visible" });
  expect(value).toBe("${env:ALLOWED}");
  expect(secrets).toEqual([]);
  expect(problems[0]?.message).toMatch(/^\$\{env:ALLOWED\} cannot be used here/);
});

test("a reference in a name is refused, and not looked up, however deep", async () => {
  const value = { list: [{ "X-${env:ALLOWED}": "v" }] };
  const { value: same, secrets, problems } = await resolve(value);
  expect([same, secrets]).toEqual([value, []]);
  expect(problems).toEqual([
    {
      path: ["connection", "list", "0", "X-${env:ALLOWED}"],
      message: expect.stringMatching(/^X-\$\{env:ALLOWED\} cannot be used here/),
    },
  ]);
  expect((await resolve({ "$${env:ALLOWED}": "v" })).problems).toEqual([]);
});

describe("a reference in a field that is shown", () => {
  const over = (value: string): Partial<ReferenceSources> => ({ env: { ALLOWED: value }, placeOf: () => "masked" });

  test.each(["1234567", "x", "several\nlines-of-it", "two\rlines"])(
    "is refused where its value, %j, would not be masked there",
    async (value) => {
      const { value: same, secrets, problems } = await resolve("${env:ALLOWED}", over(value));
      expect([same, secrets]).toEqual(["${env:ALLOWED}", []]);
      expect(problems[0]?.message).toMatch(/fewer than 8 characters, or several lines, and could be read back/);
    },
  );

  test.each(["12345678", "longer than that"])("is resolved where it would be, as %j", async (value) => {
    expect(await resolved("${env:ALLOWED}", over(value))).toBe(value);
  });

  test("of any length is resolved in the place of a secret", async () => {
    expect(await resolved("${env:ALLOWED}", { env: { ALLOWED: "1" } })).toBe("1");
  });
});

describe("a variable", () => {
  test.each(["ALLOWED", "ALSO_ALLOWED", "lower_case"])("%s is read: the list or a prefix allows it", async (name) => {
    expect(await resolved(`\${env:${name}}`)).toBe(sources.env[name]);
  });

  test.each(["OTHER", "ALLOWED_", "NOT_ALSO_ALLOWED", "allowed", "ALSO"])(
    "%s is refused, with what a person can do",
    async (name) => {
      expect(await problemWith(`\${env:${name}}`)).toBe(
        `\${env:${name}} is not allowed. A person can allow it by adding ${name} to ATLAS_STREAMS_MCP_SECRET_ENV ` +
          "(now: ALLOWED, ALSO_*, EMPTY, UNSET, lower_case) and restarting the server",
      );
    },
  );

  test("is refused where nothing is allowed", async () => {
    expect(await problemWith("${env:ALLOWED}", { secretEnv: [] })).toContain("(now: none)");
  });

  test("is read under a list that allows all", async () => {
    expect(await resolved("${env:OTHER}", { secretEnv: ["*"] })).toBe("elsewhere");
  });

  test("takes a star for itself anywhere but at the end of a prefix", async () => {
    expect(await problemWith("${env:OTHER}", { secretEnv: ["O*R"] })).toContain("is not allowed");
  });

  test.each([
    "MONGODB_ATLAS_CLIENT_SECRET",
    "MONGODB_ATLAS_ANYTHING",
    "mongodb_atlas_private_key",
    "ATLAS_STREAMS_MCP_LOG",
  ])("%s is the server's own and is refused even where all are allowed", async (name) => {
    const over = { env: { [name]: "hunter2" }, secretEnv: ["*", name] };
    expect(await problemWith(`\${env:${name}}`, over)).toBe(
      `\${env:${name}} names one of the server's own settings, which no reference can read`,
    );
  });

  test("that is not set, or empty, is refused in so many words", async () => {
    const next = "in the server's environment; a person has to set it and restart the server";
    expect(await problemWith("${env:UNSET}")).toBe(`\${env:UNSET} is not set ${next}`);
    expect(await problemWith("${env:EMPTY}")).toBe(`\${env:EMPTY} is empty ${next}`);
  });

  test.each(["", " ALLOWED", "ALLOWED ", "A-B", "1A", "A.B", "A=B", "Ä", "A\nB"])(
    "called %j is none, whatever is allowed",
    async (name) => {
      expect(await problemWith(`\${env:${name}}`, { secretEnv: ["*"], env: { [name]: "x" } })).toBe(
        `\${env:${name}} does not name an environment variable`,
      );
    },
  );

  test.each(["toString", "__proto__", "constructor"])(
    "called %s is not found in what every object has",
    async (name) => {
      expect(await problemWith(`\${env:${name}}`, { secretEnv: ["*"] })).toContain("is not set");
    },
  );
});

describe("the server's own credentials", () => {
  const over: Partial<ReferenceSources> = { secretEnv: ["*"], forbiddenValues: ["mdb_sa_sk_1"] };

  test.each(["mdb_sa_sk_1", " mdb_sa_sk_1\n", "SECRET=mdb_sa_sk_1\nOTHER=2"])(
    "are not given away under another name, as in %j",
    async (value) => {
      expect(await problemWith("${env:COPY}", { ...over, env: { COPY: value } })).toBe(
        "${env:COPY} holds one of the server's own credentials",
      );
    },
  );

  test("leave other values alone", async () => {
    expect(await resolved("${env:COPY}", { ...over, env: { COPY: "mdb_sa_sk_2" } })).toBe("mdb_sa_sk_2");
  });
});

/** What a link leads to; nothing where it is gone by now. */
function readable(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return "";
  }
}

describe("a file", () => {
  let root = "";
  let secretDir = "";
  const outside = "is not a file inside the folder of ATLAS_STREAMS_MCP_SECRET_DIR";

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "references-"));
    secretDir = join(root, "secrets");
    mkdirSync(join(secretDir, "inner"), { recursive: true });
    mkdirSync(`${secretDir}-beside`);
    const files: Record<string, string | Buffer> = {
      "with-mark": "\uFEFFhunter2\r",
      "two-marks": "\uFEFF\uFEFFhunter2",
      "utf-16": Buffer.from("\uFEFFhunter2", "utf16le"),
      "utf-16-without-mark": Buffer.from("hunter2", "utf16le"),
      "latin-1": Buffer.from("hünter2", "latin1"),
      binary: Buffer.from([0x30, 0x82, 0x0a, 0xf1, 0x02]),
      plain: "hunter2",
      "inner/deep": "deep",
      newline: "hunter2\n",
      windows: "hunter2\r\n",
      newlines: "hunter2\n\n",
      lines: "-----BEGIN-----\nabc\n-----END-----\n",
      spaces: " hunter2 ",
      empty: "",
      "only-newline": "\n",
      credential: "the key is own-credential, keep it",
      largest: "x".repeat(64 * 1024),
      "too-large": "x".repeat(64 * 1024 + 1),
      "../outside": "outside",
      "../secrets-beside/file": "beside",
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(secretDir, name), content);
    symlinkSync(join(root, "outside"), join(secretDir, "link-out"));
    symlinkSync(`${secretDir}-beside`, join(secretDir, "link-out-of-folder"));
    symlinkSync("inner/deep", join(secretDir, "link-in"));
    symlinkSync("nowhere", join(secretDir, "link-nowhere"));
    symlinkSync("link-loop", join(secretDir, "link-loop"));
    symlinkSync(secretDir, join(root, "secrets-by-link"));
    execFileSync("mkfifo", [join(secretDir, "fifo")]);
  });
  afterAll(() => rmSync(root, { recursive: true }));

  const inFolder = () => ({ secretDir });

  test.each([
    ["plain", "hunter2"],
    ["./plain", "hunter2"],
    ["inner/deep", "deep"],
    ["inner/../plain", "hunter2"],
    ["link-in", "deep"],
    ["newline", "hunter2"],
    ["windows", "hunter2"],
    ["newlines", "hunter2\n"],
    ["with-mark", "hunter2"],
    ["two-marks", "\uFEFFhunter2"],
    ["lines", "-----BEGIN-----\nabc\n-----END-----"],
    ["spaces", " hunter2 "],
    ["largest", "x".repeat(64 * 1024)],
  ])("%s is read, without the newline at its end", async (name, value) => {
    expect(await resolved(`\${file:${name}}`, inFolder())).toBe(value);
  });

  test("is read by its whole path too, and in a folder that is itself a link", async () => {
    expect(await resolved(`\${file:${join(secretDir, "plain")}}`, inFolder())).toBe("hunter2");
    expect(await resolved("${file:plain}", { secretDir: join(root, "secrets-by-link") })).toBe("hunter2");
  });

  test.each([
    "",
    ".",
    "..",
    "../outside",
    "inner/../../outside",
    "../secrets-beside/file",
    "link-out",
    "link-out-of-folder/file",
    "link-nowhere",
    "link-loop",
    "missing",
    "plain/further",
    "/etc/hostname",
    "plain\0",
    "../outside\0plain",
  ])("%j is refused: it is none inside the folder", async (name) => {
    expect(await problemWith(`\${file:${name}}`, inFolder())).toBe(`\${file:${name}} ${outside}`);
  });

  test.each([
    ["inner", "is not a regular file"],
    ["fifo", "is not a regular file"],
    ["too-large", "is larger than 65536 bytes"],
    ["empty", "is empty"],
    ["only-newline", "is empty"],
    ["utf-16", "is not text in UTF-8"],
    ["utf-16-without-mark", "is not text in UTF-8"],
    ["latin-1", "is not text in UTF-8"],
    ["binary", "is not text in UTF-8"],
  ])("%s is refused: it %s", async (name, problem) => {
    expect(await problemWith(`\${file:${name}}`, inFolder())).toBe(`\${file:${name}} ${problem}`);
  });

  test("is refused where no folder is set, with what a person can do", async () => {
    expect(await problemWith("${file:plain}")).toBe(
      "${file:plain} is not allowed. A person can allow files by setting ATLAS_STREAMS_MCP_SECRET_DIR to a folder",
    );
  });

  test("is refused where the folder is missing or is a file", async () => {
    for (const folder of ["missing", "outside"])
      expect(await problemWith("${file:plain}", { secretDir: join(root, folder) })).toBe(`\${file:plain} ${outside}`);
  });

  test("is read through no link that stands in its place by then", async () => {
    await expect(readWhole(join(secretDir, "link-in"))).rejects.toThrow("ELOOP");
  });

  test.skipIf(process.platform !== "linux")("is closed again, whatever became of it", async () => {
    const open = () => readdirSync("/proc/self/fd").map((fd) => readable(`/proc/self/fd/${fd}`));
    for (const name of ["plain", "inner", "fifo", "too-large", "empty", "utf-16"])
      await resolve(`\${file:${name}}`, inFolder());
    expect(open().filter((path) => path.startsWith(secretDir))).toEqual([]);
  });

  test("that holds one of the server's own credentials is refused", async () => {
    const over = { ...inFolder(), forbiddenValues: ["own-credential"] };
    expect(await problemWith("${file:credential}", over)).toBe(
      "${file:credential} holds one of the server's own credentials",
    );
  });
});

describe("a text is a reference and nothing beside it but a scheme", () => {
  test.each([
    "${env:A}",
    "${file:a}",
    " ${env:A} ",
    "${env:A}${env:B}",
    ...["Basic", "Bearer", "Digest", "Token", "ApiKey", "Api-Key", "ApiToken", "Api-Token", "Key", "GenieKey"].map(
      (scheme) => `${scheme} \${env:A}`,
    ),
    "SSWS ${env:A}",
    "Splunk ${env:A}",
    "bearer   ${env:A}",
  ])("as %j is", (text) => {
    expect(isReference(text)).toBe(true);
  });

  test.each([
    "",
    "x",
    "pre${env:A}",
    "${env:A}post",
    "Bearer inline ${env:A}",
    "${env:A}:${env:B}",
    "$${env:A}",
    "${env:A} $${env:B}",
    "${env:A} token ",
    "Custom ${env:A}",
    "Bearer",
  ])("as %j is not", (text) => {
    expect(isReference(text)).toBe(false);
  });
});

test.each([
  "Basic",
  "bearer",
  "DIGEST",
  "token",
  "apikey",
  "API-Key",
  "apitoken",
  "api-token",
  "Key",
  "GenieKey",
  "SSWS",
  "Splunk",
])("the scheme %s is no part of the secret", (scheme) => {
  expect([`${scheme} abc`, ` ${scheme}  abc`].map(withoutScheme)).toEqual(["abc", "abc"]);
  expect(withoutScheme(`${scheme}abc`)).toBe(`${scheme}abc`);
});

describe("what stands in the place of a secret and is none", () => {
  test.each([
    "${ATLAS_STREAMS_SECRET_KAFKA}",
    "${ENV:ATLAS_STREAMS_SECRET_KAFKA}",
    "$ATLAS_STREAMS_SECRET_KAFKA",
    "env:ATLAS_STREAMS_SECRET_KAFKA",
    "file:kafka/password",
    "{env:ATLAS_STREAMS_SECRET_KAFKA}",
    "%KAFKA_PASSWORD%",
    "{{ kafka_password }}",
    " ${vault.kafka} ",
    "Bearer ${TOKEN}",
    "${env:ATLAS_STREAMS_SECRET_KAFKA",
    "x${ENV:KAFKA}",
    "${env:ALLOWED} and ${file:broken",
    "$env:ATLAS_STREAMS_SECRET_KAFKA",
    "$file:kafka",
    "${{ secrets.KAFKA }}",
    "Bearer ${{ secrets.X }}",
    "$(cat /run/secrets/kafka)",
    "`cat kafka`",
    "op://vault/kafka/password",
    "vault://kafka",
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:kafka",
    "@Microsoft.KeyVault(SecretUri=https://v)",
  ])("is %s: a reference that is none", (text) => {
    expect(whyNoSecret(text)).toBe("looks like a reference but is not one");
  });

  test.each([
    "<password>",
    "<your password>",
    "YOUR_PASSWORD",
    "your-api-key",
    "changeme",
    "CHANGE_ME",
    "Bearer <token>",
    "[object Object]",
    "undefined",
    "null",
    "None",
    "NaN",
    "XXXX",
    "xxxxxxxx",
    "Bearer XXXXXXXX",
    "••••",
    "●●●●●●",
    "…..",
    "[REDACTED]",
    " ",
    "\t \n",
    "Bearer ",
    "basic",
  ])("is %j: a placeholder", (text) => {
    expect(whyNoSecret(text)).toBe("looks like a placeholder, not a secret");
  });

  test.each([
    ["KAFKA_PASSWORD", true],
    ["Bearer KAFKA_PASSWORD", true],
    ["OTHER_SET", true],
    ["ATLAS_STREAMS_SECRET_ANY", true],
    ["KAFKA_PASSWORDS", false],
    ["OTHER_UNSET", false],
    ["NOT_ALLOWED", false],
    ["x-KAFKA_PASSWORD", false],
    ["MONGODB_ATLAS_CLIENT_SECRET", false],
  ])("is the bare name of an allowed variable: %s, %s", (text, isName) => {
    const env = { OTHER_SET: "a", NOT_ALLOWED: "b", MONGODB_ATLAS_CLIENT_SECRET: "c" };
    const secretEnv = ["KAFKA_PASSWORD", "OTHER_*", "ATLAS_STREAMS_SECRET_*", "MONGODB_*"];
    expect(whyNoSecret(text, { env, secretEnv })).toBe(isName ? "is the name of a variable, not its value" : undefined);
  });

  test("is no name of a variable where all are allowed and none of that name is set", () => {
    expect(whyNoSecret("hunter2", { env: {}, secretEnv: ["*"] })).toBeUndefined();
  });

  test.each(["***", "https://bob:***@example.com", "Bearer ***"])("is %s: the mask", (text) => {
    expect(whyNoSecret(text)).toMatch(/^holds \*\*\*/);
  });

  test.each([
    "${env:NAME}",
    "$${env:NAME}",
    "${file:NAME}",
    "Bearer ${env:NAME}",
    "hunter2",
    "password",
    "$ecret1",
    "pa${s}s",
    "<",
    "a<b>",
    "$$",
    "{}x",
    '{"a":1}',
    "youre-welcome-key",
    "",
    "xxx",
    "xXx1",
    "undefined1",
    "null-and-void",
    "[object]",
    "a ${b",
    "arn:aws:iam::123456789012:role/r",
    "$(a",
    "bearer-of-news",
  ])("is not %s", (text) => {
    expect(whyNoSecret(text)).toBeUndefined();
  });
});
