import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Redactor } from "../../src/secrets/redactor.ts";

/** The text as it is shown while these secrets are known. */
function shown(text: string, ...secrets: string[]): string {
  const redactor = new Redactor();
  redactor.add(secrets);
  return redactor.text(text);
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const lowerHex = (text: string) => text.replace(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase());
const awkward = "p\"ä\\s/s w+rd&<%>'!";

describe("a known secret", () => {
  test.each([
    ["as it is", awkward],
    ["escaped in JSON", JSON.stringify(awkward)],
    ["escaped in JSON inside JSON", JSON.stringify(JSON.stringify(awkward))],
    ["escaped in JSON, slashes too", JSON.stringify(awkward).replaceAll("/", "\\/")],
    [
      "escaped in JSON as ASCII",
      JSON.stringify(awkward).replace(/[^ -~]|[<>&']/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`),
    ],
    ["URL-encoded", encodeURIComponent(awkward)],
    ["URL-encoded in lower case", lowerHex(encodeURIComponent(awkward))],
    ["form-encoded", new URLSearchParams({ p: awkward }).toString()],
    ["form-encoded in lower case", lowerHex(new URLSearchParams({ p: awkward }).toString())],
    [
      "percent-encoded without exception",
      [...Buffer.from(awkward)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
    ],
    ["in HTML", "p&quot;ä\\s/s w+rd&amp;&lt;%&gt;&#39;!"],
    ["in HTML by numbers", "p&#34;ä\\s/s w+rd&#38;&#60;%&#62;&#x27;!"],
    ["in base64", base64(awkward)],
    ["in base64url", Buffer.from(awkward).toString("base64url")],
    ["escaped in JSON, in base64", base64(JSON.stringify(awkward).slice(1, -1))],
  ])("is masked %s", (_form, text) => {
    expect(shown(`before ${text} after`, awkward)).toMatch(/^before "?[\w\\="]*\*\*\*[\w\\="]* after$/);
  });

  test("is masked wherever it stands and however often", () => {
    expect(shown("hunter2hunter2, and (hunter2)", "hunter2")).toBe("***, and (***)");
  });

  test.each(["", "u", "us", "user", "a longer name"])("is masked in the Basic credentials of %j", (user) => {
    for (const after of ["", "!", "\n", "and more"]) {
      const text = base64(`${user}:hunter22${after}`);
      expect(shown(text, "hunter22"), text).toContain("***");
      expect(Buffer.from(shown(text, "hunter22").replace("***", ""), "base64").toString()).not.toContain("unter2");
    }
  });

  test("of four characters is masked in the Basic credentials too", () => {
    for (const user of ["", "a", "ab"]) expect(shown(base64(`${user}:4w#z`), "4w#z")).toContain("***");
  });

  test.each(["\n", "\r\n", "\\n", "\\r\\n", "\n    "])("is masked where %j breaks it", (lineBreak) => {
    const broken = base64("user:correct horse battery").replace(/.{8}/g, `$&${lineBreak}`);
    expect(shown(broken, "correct horse battery")).toContain("***");
    expect(shown(`hunt${lineBreak}er2`, "hunter2")).toBe("***");
  });

  test("that holds another one is masked whole", () => {
    expect(shown("secret-and-more secret", "secret", "secret-and-more")).toBe("*** ***");
  });

  test("is taken literally, not as a pattern", () => {
    expect(shown("aXb a.b+(c)", "a.b+(c)")).toBe("aXb ***");
    expect(shown("costs $& and $1", "$& and $1")).toBe("costs ***");
  });

  test("that begins like the frame of a key is masked all the same", () => {
    expect(shown("it is -----hunter2", "-----hunter2")).toBe("it is ***");
  });
});

describe("a key of several lines", () => {
  const line = (letter: string) => letter.repeat(60);
  const key = ["-----BEGIN PRIVATE KEY-----", line("a"), line("b"), "shortEnd==", "-----END PRIVATE KEY-----", ""];

  test.each(["\n", "\r\n"])("joined by %j is masked, as it is and escaped", (lineBreak) => {
    const text = key.join(lineBreak);
    for (const form of [text, JSON.stringify(text), encodeURIComponent(text)])
      for (const part of [line("a"), line("b"), "shortEnd"]) expect(shown(form, text)).not.toContain(part);
  });

  test("is masked line by line, however the lines are joined", () => {
    expect(shown(key.slice(1, 4).join(" "), key.join("\n"))).toBe("*** *** ***");
  });

  test("leaves the frame readable, which every key has", () => {
    expect(shown("-----BEGIN PRIVATE KEY-----", key.join("\n"))).toBe("-----BEGIN PRIVATE KEY-----");
  });

  test("of short lines only is masked as well", () => {
    for (const text of ["ab\ncd\nef", "ab\r\ncd\r\nef", JSON.stringify("ab\ncd\nef")])
      expect(shown(text, "ab\ncd\nef")).toMatch(/^"?\*\*\*"?$/);
  });
});

describe("a long secret", () => {
  const long = Array.from({ length: 300 }, (_, at) => String.fromCharCode(97 + (at % 26))).join("");

  test("is masked to one mask", () => {
    expect(shown(`<${long}>`, long)).toBe("<***>");
  });

  test.each([64, 100, 128, 200, 299])("that was cut after %i characters leaves less than a piece of it", (length) => {
    const rest = shown(long.slice(0, length), long).replaceAll("***", "");
    expect(rest.length).toBeLessThan(64);
  });

  const lengths = [63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 128, 129, 130, 131, 132, 133, 134, 135, 136];

  test.each(lengths)("of %i characters is masked to its end, and cut short leaves less than a piece", (length) => {
    // No two parts of it are alike.
    const secret = Array.from({ length: 40 }, (_, at) => `${at}`.padStart(2, "0") + "xyzw"[at % 4])
      .join("-")
      .slice(0, length);
    expect(secret).toHaveLength(length);
    expect(shown(`<${secret}>`, secret)).toBe("<***>");
    for (let cut = 1; cut < length; cut += 1)
      expect(shown(secret.slice(0, cut), secret).replaceAll("***", "").length).toBeLessThan(64);
  });

  test("of characters that are two units each is cut through none of them", () => {
    const secret = "🔑🗝".repeat(50);
    expect(shown(`<${secret}>`, secret)).toBe("<***>");
    expect(shown(`<${JSON.stringify(secret)}>`, secret)).toBe('<"***">');
  });

  test("is masked to its end where it holds what reads as an escape, wherever its pieces are cut", () => {
    const escapes = fc.constantFrom("%26", "%41", "&amp;", "\\n", "\\u0041", '"', "\\", "+");
    const piece = fc.oneof(escapes, fc.stringMatching(/^[a-z0-9]{1,20}$/));
    const secrets = fc
      .array(piece, { minLength: 10, maxLength: 40 })
      .map((pieces) => `s${pieces.join("")}s`)
      .filter((secret) => secret.length > 64);
    fc.assert(
      fc.property(secrets, (secret) => {
        for (const form of [secret, encodeURIComponent(secret), new URLSearchParams({ s: secret }).toString().slice(2)])
          expect(shown(`<${form}>`, secret)).toBe("<***>");
        expect(shown(`<${JSON.stringify(secret)}>`, secret)).toBe('<"***">');
        expect(shown(`<${JSON.stringify(JSON.stringify(secret))}>`, secret)).toBe('<"\\"***\\"">');
      }),
      { numRuns: 100 },
    );
  });
});

describe("what is echoed in another form than it was given in", () => {
  test("is masked decoded, where it was percent-encoded itself", () => {
    expect(shown("it is p@ss/w örd1", "p%40ss%2Fw%20%C3%B6rd1")).toBe("it is ***");
  });

  test("is masked with a quote in it, escaped once, twice and for HTML", () => {
    const secret = 'pa"ss-word';
    for (const form of [secret, 'pa\\"ss-word', 'pa\\\\\\"ss-word', "pa&quot;ss-word"])
      expect(shown(`<${form}>`, secret)).toBe("<***>");
  });

  test.each(["\r", "\n", "\r\n"])("is masked line by line where %j ends them", (end) => {
    const lines = ["first-line-of-it", "second-line-of-it", "third-line-of-it"];
    expect(shown(`<${lines.join(" ")}>`, lines.join(end))).toBe("<*** *** ***>");
    expect(shown(lines.join("\n"), lines.join(end))).not.toContain("line-of-it");
  });

  test("is masked where it is indented, or was", () => {
    const lines = ["-----BEGIN PRIVATE KEY-----", "MIIEvgIBADANBgkqh", "c4Ksk2sdfT91", "-----END PRIVATE KEY-----"];
    const indented = lines.map((line) => `    ${line}`).join("\n");
    for (const [secret, echo] of [
      [lines.join("\n"), indented],
      [indented, lines.join("\n")],
      [indented, lines.join(" | ")],
    ] as const)
      expect(shown(echo, secret)).not.toMatch(/MIIEvg|c4Ksk2/);
  });

  test("is masked with a line break in front of a blank of its own", () => {
    expect(shown("correct\n horse battery", "correct horse battery")).toBe("***");
    expect(shown("correct\n    horse battery", "correcthorse battery")).toBe("***");
    expect(shown("correct\\n horse battery", "correct horse battery")).toBe("***");
  });
});

describe("a private key that nobody gave", () => {
  const key = "-----BEGIN EC PRIVATE KEY-----\nMIIEvgIBADANBgkqh\nc4Ksk2\n-----END EC PRIVATE KEY-----";

  test.each([
    ["as it is", key],
    ["escaped in JSON", JSON.stringify(key).slice(1, -1)],
    ["escaped in JSON inside JSON", JSON.stringify(JSON.stringify(key).slice(1, -1)).slice(1, -1)],
    ["URL-encoded", encodeURIComponent(key)],
    ["form-encoded", new URLSearchParams([[key, ""]]).toString().slice(0, -1)],
    ["indented", key.replaceAll("\n", "\n    ")],
    ["in one line", key.replaceAll("\n", " ")],
  ])("is masked %s, as text and in fields", (_, text) => {
    expect(shown(`<${text}>`)).toBe("<***>");
    expect(new Redactor().field(`<${text}>`)).toBe("<***>");
    expect(new Redactor().name(`<${text}>`)).toBe("<***>");
  });

  test("is masked to the end of the text where its own end is missing", () => {
    expect(shown(`see ${key.slice(0, 60)}`)).toBe("see ***");
  });
});

describe("the least length of a value that is masked", () => {
  const known = (secret: string) => {
    const redactor = new Redactor();
    redactor.add([secret]);
    return redactor;
  };

  test("is four characters in text", () => {
    expect([known("a1b2").text("it is a1b2"), known("a1b").text("it is a1b")]).toEqual(["it is ***", "it is a1b"]);
  });

  test("is eight in documented fields", () => {
    expect(known("a1b2c3d4").field("it is a1b2c3d4")).toBe("it is ***");
    expect(known("a1b2c3d").field("it is a1b2c3d")).toBe("it is a1b2c3d");
  });

  test("is twelve in what leaves", () => {
    expect([known("a1b2c3d4e5f6").line('"a1b2c3d4e5f6"'), known("a1b2c3d4e5f").line('"a1b2c3d4e5f"')]).toEqual([
      '"***"',
      '"a1b2c3d4e5f"',
    ]);
  });
});

describe("the newest secrets", () => {
  const name = (at: number) => `secret-${String(at).padStart(4, "0")}`;

  test("are 200: one that is given again is new again", () => {
    const redactor = new Redactor();
    redactor.remember([name(0), name(1)]);
    redactor.remember([name(0)]);
    redactor.remember(Array.from({ length: 199 }, (_, at) => name(at + 2)));
    expect(redactor.text([0, 1, 2, 200].map(name).join(" "))).toBe("*** secret-0001 *** ***");
  });

  test("are beside those that are kept for good", () => {
    const redactor = new Redactor();
    redactor.add([name(0)]);
    redactor.remember(Array.from({ length: 300 }, (_, at) => name(at)));
    expect(redactor.text([0, 1, 99, 100].map(name).join(" "))).toBe("*** secret-0001 secret-0099 ***");
  });

  test("are fewer where they are very long", () => {
    const redactor = new Redactor();
    const long = (letter: string) => letter.repeat(600_000);
    redactor.remember(["first-one", long("a"), long("b")]);
    expect(redactor.text("first-one")).toBe("first-one");
    expect(redactor.text("b".repeat(64))).toBe("***");
    expect(redactor.text("a".repeat(64))).toBe("a".repeat(64));
  });
});

describe("what is not masked", () => {
  test("a value of less than four characters, which would mask half of every text", () => {
    expect(shown("a abc 123", "a", "abc", "123", "")).toBe("a abc 123");
  });

  test.each(["application/json", "text/plain; charset=utf-8", "*/*", "Application/vnd.atlas.2023-02-01+json"])(
    "%s, which every request has",
    (value) => {
      expect(shown(`content-type: ${value}`, value)).toBe(`content-type: ${value}`);
    },
  );

  test("text in which no secret stands, stars included", () => {
    expect(shown("****** nothing here", "hunter2")).toBe("****** nothing here");
  });
});

test("what merely begins or ends as a media type does is masked", () => {
  expect(shown("a Bearer text/abcd, b", "Bearer text/abcd")).toBe("a ***, b");
  expect(shown("application/json?key=1", "application/json?key=1")).toBe("***");
});

describe("a JSON value", () => {
  const redactor = new Redactor();
  redactor.add(["hunter2", "longer-hunter2"]);
  const documents = ([field]: readonly string[]) => field !== "free";

  test("is masked in every text and key that is not documented", () => {
    const value = { free: ["hunter2", 1, null, true, { "key hunter2": { c: "x hunter2 y" } }] };
    expect(redactor.value(value, documents)).toEqual({ free: ["***", 1, null, true, { "key ***": { c: "x *** y" } }] });
    expect(value.free[0]).toBe("hunter2");
  });

  test("is masked in what is documented by longer secrets, and never in its keys", () => {
    const value = { region: "hunter2", url: "https://a.example/longer-hunter2", "longer-hunter2": 1 };
    expect(redactor.value(value, documents)).toEqual({ ...value, url: "https://a.example/***" });
  });

  test("is left alone in names, types, states and hosts, which would not be told apart any more", () => {
    const value = {
      name: "orders-longer-hunter2",
      type: "longer-hunter2",
      state: "longer-hunter2",
      url: "https://bob:longer-hunter2@longer-hunter2.example/x?longer-hunter2",
      bootstrapServers: "longer-hunter2:9092,b2:9092",
      clusterName: "longer-hunter2",
      dbRoleToExecute: { role: "longer-hunter2" },
      sources: ["longer-hunter2"],
      pipeline: [{ $match: { team: "longer-hunter2", of: "$longer-hunter2" } }],
    };
    const url = "https://bob:***@longer-hunter2.example/x?***";
    expect(redactor.value(value)).toEqual({ ...value, url });
    expect(redactor.lastNet(value)).toEqual({ ...value, url });
    expect(redactor.name("orders-longer-hunter2")).toBe("orders-longer-hunter2");
  });

  test("is masked under a key that anybody may choose, whatever it is called", () => {
    for (const key of ["name", "type", "pipeline", "path", "message", "id"])
      for (const map of ["config", "headers"]) {
        const [value, shown] = ["longer-hunter2", "***"].map((text) => ({ connection: { [map]: { [key]: text } } }));
        expect([redactor.value(value), redactor.lastNet(value)]).toEqual([shown, shown]);
      }
  });

  test("is masked in the ids of other clouds though it is short", () => {
    for (const field of ["serviceEndpointId", "dnsDomain", "arn", "interfaceEndpointId", "requesterVpcId"])
      expect(redactor.value({ privateLink: { [field]: "a.hunter2.example" } })).toEqual({
        privateLink: { [field]: "a.***.example" },
      });
    expect(redactor.value({ privateLink: { azureResourceIds: ["/a/hunter2"] } })).toEqual({
      privateLink: { azureResourceIds: ["/a/***"] },
    });
  });

  test("is masked in a sentence of Atlas's though it is short", () => {
    expect(redactor.value([{ errorMessage: "hunter2 is wrong" }])).toEqual([{ errorMessage: "*** is wrong" }]);
  });

  test("is masked in a long sentence of Atlas's before that is cut", () => {
    const message = `${"x".repeat(1_996)} hunter2 ${"y".repeat(1_000)}`;
    const expected = `${"x".repeat(1_996)} …`;
    for (const field of ["errorMessage", "statusMessage"])
      expect(redactor.value({ [field]: message })).toEqual({ [field]: expected });
    expect(redactor.value({ pipeline: [{ $set: { errorMessage: "z".repeat(3_000) } }] })).toEqual({
      pipeline: [{ $set: { errorMessage: "z".repeat(3_000) } }],
    });
    expect(redactor.name(`"${"n".repeat(3_000)}`)).toHaveLength(2_000);
  });

  test("is masked in what stands for a name and is none", () => {
    const echo = JSON.stringify({ password: "longer-hunter2" });
    expect(redactor.value({ name: echo, state: echo })).toEqual({
      name: '{"password":"***"}',
      state: '{"password":"***"}',
    });
    expect(redactor.name(echo)).toBe('{"password":"***"}');
  });

  test("is masked in a URL of which it is more than the host", () => {
    const whole = new Redactor();
    whole.add(["https://hooks.example/T0/B0"]);
    expect(whole.field("https://hooks.example/T0/B0?a=1")).toBe("***?a=1");
    expect(whole.text("at hooks.example")).toBe("at hooks.example");
  });

  test("is masked in the steps of a path that are not documented", () => {
    expect(redactor.path(["longer-hunter2", "hunter2"], documents)).toEqual(["longer-hunter2", "hunter2"]);
    expect(redactor.path(["free", "hunter2"], documents)).toEqual(["free", "***"]);
  });

  test.each([null, undefined, 7, true, "text"])("%j is left as it is", (value) => {
    expect(redactor.value(value)).toBe(value);
  });
});

describe("the end of a call", () => {
  test("is the end of its secrets", () => {
    const redactor = new Redactor();
    const release = redactor.add(["hunter2"]);
    expect(redactor.text("hunter2")).toBe("***");
    release();
    expect(redactor.text("hunter2")).toBe("hunter2");
    expect(redactor.value({ a: "hunter2" }, () => false)).toEqual({ a: "hunter2" });
  });

  test("does not end what another call still needs", () => {
    const redactor = new Redactor();
    const [first, second] = [redactor.add(["hunter2"]), redactor.add(["hunter2", "hunter2"])];
    first();
    first();
    expect(redactor.text("hunter2")).toBe("***");
    second();
    expect(redactor.text("hunter2")).toBe("hunter2");
  });
});

describe("any secret of four characters or more", () => {
  const forms: [string, (text: string) => string][] = [
    ["as it is", (text) => text],
    ["in JSON", (text) => JSON.stringify(text)],
    ["in JSON inside JSON", (text) => JSON.stringify(JSON.stringify(text))],
    ["URL-encoded", (text) => encodeURIComponent(text)],
    ["URL-encoded in lower case", (text) => lowerHex(encodeURIComponent(text))],
    ["form-encoded", (text) => new URLSearchParams([[text, ""]]).toString().slice(0, -1)],
  ];
  // A mask cannot hide a secret that is made of what masks and line breaks are made of.
  const secret = fc
    .string({ unit: "grapheme", minLength: 4, maxLength: 200 })
    .filter((text) => text.replace(/[*\s]/g, "").length >= 4);
  const around = fc.string({ unit: "grapheme", maxLength: 50 });

  test.each(forms)("never survives %s", (_form, encode) => {
    fc.assert(
      fc.property(secret, around, around, (text, before, after) => {
        fc.pre(!before.includes(text) && !after.includes(text));
        const masked = shown(before + encode(text) + after, text);
        expect(masked).not.toContain(encode(text));
        expect(masked).not.toContain(text);
      }),
      { numRuns: 100 },
    );
  });

  test("never survives in base64, whatever stands around it", () => {
    fc.assert(
      fc.property(
        secret,
        around,
        around,
        fc.constantFrom<BufferEncoding>("base64", "base64url"),
        (text, before, after, encoding) => {
          for (const written of [text, JSON.stringify(text)]) {
            const masked = shown(Buffer.from(before + written + after).toString(encoding), text);
            const seen = masked.split("***").map((part) => Buffer.from(part, encoding).toString());
            for (const part of seen) expect(part).not.toContain(written);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test("never survives in a JSON value", () => {
    fc.assert(
      fc.property(secret, fc.jsonValue(), (text, value) => {
        const redactor = new Redactor();
        redactor.add([text]);
        const masked = redactor.value({ value, [text]: [text, { deep: `(${text})` }] }, () => false);
        expect(JSON.stringify(masked)).not.toContain(JSON.stringify(text).slice(1, -1));
      }),
    );
  });
});

describe("a line that leaves the process", () => {
  const redactor = new Redactor();
  redactor.add(["authentication", 'a secret "quoted"', "short"]);

  test("is cleared of longer secrets, as they are and escaped, once and twice", () => {
    const inner = JSON.stringify({ text: 'a secret "quoted"' });
    expect(redactor.line(JSON.stringify({ result: inner, own: 'a secret "quoted"', short: "short" }))).toBe(
      JSON.stringify({ result: JSON.stringify({ text: "***" }), own: "***", short: "short" }),
    );
  });

  test("is cleared of one that stands in JSON inside it alone", () => {
    const line = (text: string) => JSON.stringify({ result: JSON.stringify({ text }) });
    expect(redactor.line(line('a secret "quoted"'))).toBe(line("***"));
  });

  test("is cleared of a secret that holds another one as a whole", () => {
    const both = new Redactor();
    both.add(["long-enough-", "long-enough-and-more"]);
    expect(both.line('"long-enough-and-more long-enough-"')).toBe('"*** ***"');
  });

  test("keeps its keys", () => {
    const line = JSON.stringify({ authentication: { of: "authentication" } });
    expect(redactor.line(line)).toBe(JSON.stringify({ authentication: { of: "***" } }));
  });

  test("keeps the words without which it could not be read", () => {
    const words = new Redactor();
    words.add(["already_exists", "configuration", "notifications/message", "request-number-1"]);
    const line = JSON.stringify({
      jsonrpc: "2.0",
      id: "request-number-1",
      method: "notifications/message",
      params: { progressToken: "request-number-1" },
      result: { outcome: "already_exists", error: { kind: "configuration" } },
    });
    expect(words.line(line)).toBe(line);
    expect(words.line(JSON.stringify({ text: line }))).toBe(JSON.stringify({ text: line }));
    expect(words.lastNet({ outcome: "already_exists", detail: "a configuration" })).toEqual({
      outcome: "already_exists",
      detail: "a ***",
    });
  });

  test("keeps what the server says itself, and what it publishes", () => {
    const words = new Redactor();
    words.add(["bootstrapServers", "authentication"]);
    const said = {
      summary: "the authentication",
      warnings: ["connection.authentication.clientId: is missing"],
      error: { hint: "authentication", fields: [{ path: "connection.authentication", message: "authentication" }] },
      equivalents: { curl: "authentication" },
    };
    expect(words.lastNet(said)).toEqual(said);
    const line = JSON.stringify({
      result: { tools: [{ required: ["bootstrapServers"], description: "authentication" }] },
    });
    expect(words.line(line)).toBe(line);
  });

  test("keeps the keys of the JSON in its strings", () => {
    const result = (text: string) => ({ text: JSON.stringify({ authentication: { of: text } }) });
    expect(redactor.line(JSON.stringify(result("the authentication")))).toBe(JSON.stringify(result("the ***")));
  });

  test.each(['","outcome":"', '\\",\\"outcome\\":\\"', '{"outcome":"ok","a'])(
    "keeps its structure though the secret is a part of it: %s",
    (secret) => {
      const structural = new Redactor();
      structural.add([secret]);
      const content = { a: "b", outcome: "ok", a2: "c", own: `it is ${secret}.` };
      const shown = { ...content, own: "it is ***." };
      expect(structural.line(JSON.stringify({ text: JSON.stringify(content), content }))).toBe(
        JSON.stringify({ text: JSON.stringify(shown), content: shown }),
      );
    },
  );

  test("is left as it is where it holds none", () => {
    expect(redactor.line("no JSON, and short")).toBe("no JSON, and short");
  });
});

test("a secret with an escape in it and a backslash at its end is found where JSON repeats it", () => {
  const redactor = new Redactor();
  const secret = "M%5fDj64KG4 6gy6u\\";
  redactor.add([secret]);
  expect(redactor.text(`No: ${JSON.stringify(secret)}`)).toBe('No: "***"');
});
