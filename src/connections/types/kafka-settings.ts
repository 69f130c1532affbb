/**
 * Settings of a Kafka client that have a field of their own in a connection. People paste a `client.properties` into
 * `config`, and Atlas shows `config` to everyone who can read the connection.
 * @see https://kafka.apache.org/documentation/#producerconfigs; https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md
 */
import type { Path } from "../../json.ts";
import type { MovedSetting } from "../../schema/fields.ts";

const login = (field: string): Path => ["authentication", field];

const settings: Readonly<Record<string, Path>> = {
  "bootstrap.servers": ["bootstrapServers"],
  "security.protocol": ["security", "protocol"],
  "sasl.mechanism": login("mechanism"),
  "sasl.mechanisms": login("mechanism"),
  "sasl.username": login("username"),
  "sasl.password": login("password"),
  "sasl.oauthbearer.method": login("method"),
  "sasl.oauthbearer.client.id": login("clientId"),
  "sasl.oauthbearer.client.secret": login("clientSecret"),
  "sasl.oauthbearer.scope": login("scope"),
  "sasl.oauthbearer.extensions": login("saslOauthbearerExtensions"),
  "sasl.oauthbearer.token.endpoint.url": login("tokenEndpointUrl"),
  "ssl.ca.pem": ["security", "brokerPublicCertificate"],
  "ssl.certificate.pem": login("sslCertificate"),
  "ssl.key.pem": login("sslKey"),
  "ssl.key.password": login("sslKeyPassword"),
  // The Java client's names for PEM text, and for the password of a key in it.
  "ssl.truststore.certificates": ["security", "brokerPublicCertificate"],
  "ssl.keystore.certificate.chain": login("sslCertificate"),
  "ssl.keystore.key": login("sslKey"),
  "ssl.keystore.password": login("sslKeyPassword"),
};

/** `sasl.username`, `saslUsername` and `sasl_username` are one setting. */
const plain = (setting: string) => setting.replace(/[._-]/g, "").toLowerCase();

const fields = new Map(Object.entries(settings).map(([setting, to]) => [plain(setting), to]));

/** Where a setting belongs, its name perhaps in camel case; nothing where it has no field of its own. */
export function kafkaSetting(setting: string, value: string): MovedSetting[] {
  if (plain(setting) === "sasljaasconfig") return jaasLogin(value);
  const to = fields.get(plain(setting));
  return to ? [{ to, value }] : [];
}

/** What login modules need, and what they may have beside it. */
const modules: Readonly<Record<string, { needs: readonly string[]; may: RegExp }>> = {
  "plain.Plain": { needs: ["username", "password"], may: /^$/ },
  "scram.Scram": { needs: ["username", "password"], may: /^$/ },
  "oauthbearer.OAuthBearer": { needs: ["clientId", "clientSecret"], may: /^(scope|extension_\w+)$/ },
};
const LOGIN_MODULE = /^\s*org\.apache\.kafka\.common\.security\.([\w.]+)LoginModule\s+required(?=\s)/;
/** An option of a module: a word, or a text in quotes in which only quotes and backslashes are escaped. */
const OPTION = /\s+(\w+)\s*=\s*(?:"((?:[^"\\\r\n]|\\["'\\])*)"|'((?:[^'\\\r\n]|\\["'\\])*)'|([\w$-]+))/gy;
const EXTENSION = "extension_";

/** What a JAAS configuration logs in with; nothing where it holds anything else. */
function jaasLogin(value: string): MovedSetting[] {
  const [whole = "", named = ""] = LOGIN_MODULE.exec(value) ?? [];
  const module = Object.hasOwn(modules, named) ? modules[named] : undefined;
  const options = [...value.slice(whole.length).matchAll(OPTION)];
  const end = whole.length + options.reduce((length, [option]) => length + option.length, 0);
  if (!module || !/^\s*;?\s*$/.test(value.slice(end))) return [];
  const values = new Map(
    options.map(([, name = "", double, single, word = ""]) => [
      name,
      (double ?? single ?? word).replace(/\\(.)/g, "$1"),
    ]),
  );
  const { needs, may } = module;
  const isWhole = needs.every((name) => values.has(name)) && values.size === options.length;
  if (!isWhole || ![...values.keys()].every((name) => needs.includes(name) || may.test(name))) return [];
  const extensions = [...values].filter(([name]) => name.startsWith(EXTENSION));
  const list = extensions.map(([name, value]) => `${name.slice(EXTENSION.length)}=${value}`).join(",");
  return [
    ...[...values].filter(([name]) => !name.startsWith(EXTENSION)).map(([name, value]) => ({ to: login(name), value })),
    ...(list === "" ? [] : [{ to: login("saslOauthbearerExtensions"), value: list }]),
  ];
}
