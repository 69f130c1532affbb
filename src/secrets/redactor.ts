/**
 * Masks secrets by their value, in what comes from outside: Atlas, a proxy, the agent's own arguments. The server's own
 * words never pass it, so a secret that is an ordinary word breaks none of them. A secret is found as it is and as
 * servers and proxies echo it: escaped for JSON, URLs or HTML, even one inside another, in base64, and broken over lines.
 */
import { beginning } from "../atlas/answer.ts";
import { isObject, mapStrings, type Path } from "../json.ts";
import { Needles } from "./needles.ts";
import { maskParts, mergedParts, outsideHosts, privateKeysIn, type SecretPart } from "./parts.ts";
import { SHORTEST_IN_FIELD, withoutScheme } from "./references.ts";
import { decodedTexts, formText, type LineBreak, plainText, SECRET_DEPTH } from "./search-text.ts";

/** Shorter values would mask half of every text; they are masked by their place only. */
const SHORTEST = 4;
/** The least length of a value that is masked in the bytes that leave the process, among which are the server's own words. */
const SHORTEST_IN_BYTES = 12;
/** Longer values are searched for in pieces, so that one that was cut short is found too. */
const PIECE = 64;

/**
 * Values of headers that every request has, this server's own included. They are no secrets, whatever field holds them,
 * and masking them would falsify the requests of a dry run.
 */
const COMMONPLACE = /^(\*\/\*|(application|text)\/[a-z0-9.+-]+)(\s*;\s*charset=[a-z0-9-]+)?$/i;

/** How many secrets of ended calls are known, and of how many units in all. */
const NEWEST = 200;
const NEWEST_UNITS = 1_000_000;

/** Fields that name something, or say what it is: no reference can stand there, and two names must stay two. */
const NAMES = new Set([
  ...["name", "type", "state", "groupId", "tenantName", "connectionName", "processorName", "newName", "clusterName"],
  ...["stateName", "projectName", "role", "roleArn", "tier", "provider", "cloudProvider", "vendor", "sources", "sinks"],
  ...["others", "hostnames", "bootstrapServers"],
]);
/** A pipeline is all names and expressions; what is secret in it is so by its place. */
const OF_NAMES = new Set(["pipeline", "dlq"]);
/** Maps whose keys anybody may choose, so that a key tells nothing of its value. */
const FREE_MAPS = new Set(["config", "headers"]);
/** Fields that hold sentences of Atlas's, in which a short secret may be repeated, and that may be of any length. */
const FREE_TEXTS = new Set(["errorMessage", "statusMessage"]);
/** Ids of other clouds, which are masked as any text is. */
const FREE_IDS = new Set([
  ...["serviceEndpointId", "interfaceEndpointId", "interfaceEndpointName", "arn", "providerAccountId", "dnsDomain"],
  ...["dnsSubDomain", "azureResourceIds", "gcpServiceAttachmentUris", "gcpConnectionIds", "requesterAccountId"],
  ...["requesterVpcId", "accepterAccountId", "accepterVpcId"],
]);
/** How names look; what is called a name and is none, such as an echo of a whole request, is text. */
const NAME = /^[\p{L}\p{N} $()@&+:._'*,/[\]-]{1,1024}$/u;

/** Whether what stands at `path` names something. */
function isNamed(path: Path): boolean {
  const kind = path.find((step) => OF_NAMES.has(step) || FREE_MAPS.has(step));
  return kind === undefined ? NAMES.has(fieldAt(path)) : OF_NAMES.has(kind);
}

/** The field that a path leads to, or to an item of whose list. */
const fieldAt = (path: Path): string => path.findLast((step) => !/^\d+$/.test(step)) ?? "";

/** What to search for to find one secret, or a part of it. */
interface Forms {
  plain: string;
  decoded: string;
  /** The base64 of it, as it is and escaped for JSON, wherever it stands in a longer text. */
  base64: readonly string[];
}

export class Redactor {
  /** By the part of a secret. */
  readonly #known = new Map<string, { uses: number; forms: Forms }>();
  /** With what forgets each, the oldest first. */
  readonly #newest = new Map<string, () => void>();
  #newestUnits = 0;
  readonly #texts = new Needles();
  readonly #base64 = new Needles();
  /** Of longer secrets, as they stand in JSON, and in JSON inside it. */
  readonly #json = new Needles();
  /** Parts with a blank in them, for which line breaks count in two ways. */
  #withBlanks = 0;

  /** Keeps `secrets` masked until the returned function is called. */
  add(secrets: Iterable<string>): () => void {
    const added = [...new Set([...secrets].flatMap((secret) => [secret, withoutScheme(secret)]))]
      .filter((secret) => !COMMONPLACE.test(secret))
      .flatMap(partsOf);
    for (const part of added) this.#use(part, 1);
    return () => {
      for (const part of added.splice(0)) this.#use(part, -1);
    };
  }

  /** Keeps `secrets` masked among the newest. */
  remember(secrets: Iterable<string>): void {
    for (const secret of secrets) {
      const release = this.add([secret]);
      this.#forget(secret);
      this.#newest.set(secret, release);
      this.#newestUnits += secret.length;
      for (const oldest of this.#newest.keys()) {
        if (this.#newest.size <= NEWEST && this.#newestUnits <= NEWEST_UNITS) break;
        this.#forget(oldest);
      }
    }
  }

  /** The newest, the oldest of them first. */
  get remembered(): string[] {
    return [...this.#newest.keys()];
  }

  #forget(secret: string): void {
    const release = this.#newest.get(secret);
    if (!release) return;
    release();
    this.#newest.delete(secret);
    this.#newestUnits -= secret.length;
  }

  #use(part: string, change: 1 | -1): void {
    const { uses, forms } = this.#known.get(part) ?? { uses: 0, forms: formsOf(part) };
    const left = uses + change;
    if (left > 0) this.#known.set(part, { uses: left, forms });
    else this.#known.delete(part);
    if (uses > 0 && left > 0) return;
    const { plain, decoded, base64 } = forms;
    const method = change > 0 ? "add" : "remove";
    for (const form of new Set([plain, decoded])) this.#texts[method](form, plain);
    for (const form of base64) this.#base64[method](form, plain);
    if (plain.length >= SHORTEST_IN_BYTES)
      for (const form of [inJson(plain), inJson(inJson(plain))]) this.#json[method](form, plain);
    if (/[ \t]/.test(plain)) this.#withBlanks += change;
  }

  /** Free text from outside, with every known secret masked. */
  text(text: string): string {
    return maskParts(text, this.#find(text, SHORTEST));
  }

  /** The text of a documented field in which a reference may stand. */
  field(text: string): string {
    return maskParts(text, this.#partsOfField(text));
  }

  /** A name from outside, which is left as it is; of what is none, no more than its beginning. */
  name(name: string): string {
    return NAME.test(name) ? name : beginning(this.field(name));
  }

  /** What of the text at a path of documented fields is secret. */
  partsOfField(text: string, path: Path): SecretPart[] {
    return isNamed(path) && NAME.test(text) ? [] : this.#partsOfField(text);
  }

  #partsOfField(text: string): SecretPart[] {
    return outsideHosts(text, this.#find(text, SHORTEST_IN_FIELD));
  }

  /**
   * `value` from outside. What `documents` says of the path of a string decides which secrets are looked for in it; a
   * key that is not documented is text from outside as well.
   */
  value(value: unknown, documents: (path: Path) => boolean = () => true, path: Path = []): unknown {
    if (typeof value === "string") {
      const isFree = FREE_TEXTS.has(path.at(-1) ?? "");
      // In a pipeline and in a map, whatever is called so is the agent's.
      if (isFree && !path.some((step) => OF_NAMES.has(step) || FREE_MAPS.has(step))) return beginning(this.text(value));
      const isField = documents(path) && !isFree && !FREE_IDS.has(fieldAt(path));
      return isField ? maskParts(value, this.partsOfField(value, path)) : this.text(value);
    }
    if (Array.isArray(value)) return value.map((item, index) => this.value(item, documents, [...path, `${index}`]));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const inside = [...path, key];
        return [documents(inside) ? key : this.text(key), this.value(inner, documents, inside)];
      }),
    );
  }

  /** A path from outside, in which names that are not documented are masked. */
  path(path: Path, documents: (path: Path) => boolean = () => true): Path {
    return path.map((step, index) => (documents(path.slice(0, index + 1)) ? step : this.text(step)));
  }

  /**
   * The last net, for whatever leaves the process: masks longer secrets wherever they still stand, but not the names of
   * fields, nor the values without which nobody could read the rest, nor the server's own words.
   */
  lastNet(value: unknown): unknown {
    const secrets = this.#longIn(JSON.stringify(value) ?? "");
    return secrets.length > 0 ? withoutSecrets(value, secrets) : value;
  }

  /** The same for a line of JSON. A secret that looks like JSON itself takes no part of the line's structure with it. */
  line(line: string): string {
    const secrets = this.#longIn(line);
    return secrets.length > 0 ? JSON.stringify(withoutSecrets(JSON.parse(line), secrets)) : line;
  }

  /** The longer secrets that stand in JSON, or in JSON inside it; the longest first, since it may hold others. */
  #longIn(json: string): string[] {
    return [...this.#json.secretsIn(json, SHORTEST_IN_BYTES)].sort((a, b) => b.length - a.length);
  }

  #find(text: string, shortest: number): SecretPart[] {
    if (text.length < shortest) return [];
    // What needs no rewriting is searched as it is.
    if (!REWRITTEN.test(text)) return mergedParts(this.#partsIn(text, shortest), true);
    const breaks: LineBreak[] =
      this.#withBlanks > 0 && MAY_BREAK_AT_BLANK.test(text) ? ["indented", "bare"] : ["indented"];
    const parts = breaks.flatMap((lineBreak) => {
      const plain = plainText(text, lineBreak);
      // After a secret that ends in a backslash, the next level takes the closing quote for escaped: each level counts.
      const levels = [plain, ...decodedTexts(plain, lineBreak)];
      const forms = levels.filter((level) => level.text.includes("+")).map(formText);
      return [...levels, ...forms].flatMap((level) =>
        this.#partsIn(level.text, shortest).map(({ start, end }) => ({
          start: level.starts[start] ?? 0,
          end: level.ends[end - 1] ?? 0,
        })),
      );
    });
    return mergedParts(parts, true);
  }

  #partsIn(text: string, shortest: number): SecretPart[] {
    return [
      ...this.#texts.in(text, shortest),
      ...this.#base64.in(toBase64Alphabet(text), shortest),
      ...privateKeysIn(text),
    ];
  }
}

/**
 * A secret of several lines is known by each of its lines, and a long line by pieces of it: also of it decoded, since a cut
 * may go through what reads as an escape. The frame of a key, which every key has, tells nothing.
 */
function partsOf(secret: string): string[] {
  const lines = secret
    .split(/\r\n?|\n/)
    .map((line) => line.trimStart())
    .filter((line) => !/^-----(BEGIN|END) [A-Z0-9 ]+-----$/.test(line));
  const parts = lines
    .flatMap((line) => (line.length > PIECE ? [line, decodedForm(line)] : [line]))
    .flatMap(piecesOf)
    .filter((part) => part.length >= SHORTEST);
  const whole = lines.join("");
  return parts.length === 0 && whole.length >= SHORTEST ? [whole] : parts;
}

/** The last piece is as long as the others and overlaps the one before it: none is so long that a cut would hide much. */
function piecesOf(line: string): string[] {
  const pieces = line.match(new RegExp(`.{1,${PIECE}}`, "gsu")) ?? [];
  return pieces.length < 2 ? pieces : [...pieces.slice(0, -1), [...line.slice(-2 * PIECE)].slice(-PIECE).join("")];
}

/** The text as it stands in a string of JSON. */
const inJson = (text: string) => JSON.stringify(text).slice(1, -1);

/** The text with all escapes undone. */
function decodedForm(text: string): string {
  const plain = plainText(text, "indented");
  return formText(decodedTexts(plain, "indented", SECRET_DEPTH).at(-1) ?? plain).text;
}

function formsOf(part: string): Forms {
  const decoded = decodedForm(part);
  // What is in base64 is most often a body, and that is JSON.
  const base64 = [...new Set([part, inJson(part)])].flatMap(base64Forms);
  return { plain: part, decoded: decoded.length < SHORTEST ? part : decoded, base64 };
}

/**
 * The part of the base64 of any longer text that is the same whatever stands before and after the secret: one for each
 * of the three ways in which its bytes can fall into base64's groups.
 */
function base64Forms(part: string): string[] {
  const bytes = Buffer.from(part);
  return [0, 1, 2].map((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
    return shifted.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  });
}

/** Fields whose values are words of the protocol, or the server's own: without them nothing else can be read. */
const STRUCTURAL = new Set(["jsonrpc", "id", "method", "progressToken", "level", "outcome", "kind"]);
/** Fields that hold what the server says itself; what comes from outside in it was masked before. */
const OWN_TEXT = new Set([
  ...["summary", "warnings", "hint", "path", "message", "equivalents", "terraform", "blanks", "instructions"],
  ...["tools", "prompts", "messages", "resources", "resourceTemplates", "contents"],
]);

/** `value` with these secrets masked; where a text in it is JSON, as that of a tool's result is, in its strings. */
function withoutSecrets(value: unknown, secrets: readonly string[]): unknown {
  return mapStrings(value, (text, path) => {
    const isOwn = STRUCTURAL.has(path.at(-1) ?? "") || path.some((step) => OWN_TEXT.has(step));
    if (isOwn && !path.some((step) => FREE_MAPS.has(step))) return text;
    if (isNamed(path) && NAME.test(text)) return text;
    const inner = text.startsWith("{") ? jsonIn(text) : undefined;
    if (inner !== undefined) return JSON.stringify(withoutSecrets(inner, secrets));
    return secrets.reduce((masked, secret) => maskParts(masked, outsideHosts(masked, placesOf(secret, masked))), text);
  });
}

function placesOf(secret: string, text: string): SecretPart[] {
  const places: SecretPart[] = [];
  for (let start = text.indexOf(secret); start >= 0; start = text.indexOf(secret, start + secret.length))
    places.push({ start, end: start + secret.length });
  return places;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The text with base64url written as base64, and with a `+` where a form has made it a space. */
const toBase64Alphabet = (text: string) => text.replace(/[- ]/g, "+").replaceAll("_", "/");

/** A text without these is searched as it is. */
const REWRITTEN = /[\\%&+\r\n]/;
/** A text without these has no line break, written as one or as an escape, in front of a blank. */
const MAY_BREAK_AT_BLANK = /[\r\n][ \t]|[\\%&]/;
