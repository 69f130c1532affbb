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
};

/** `sasl.username` and `saslUsername` are one setting. */
const plain = (setting: string) => setting.replaceAll(".", "").toLowerCase();

const fields = new Map(Object.entries(settings).map(([setting, to]) => [plain(setting), to]));

/** Where a setting belongs, its name perhaps in camel case; nothing where it has no field of its own. */
export function kafkaSetting(setting: string, value: string): MovedSetting[] {
  if (plain(setting) === "sasljaasconfig") return jaasLogin(value);
  const to = fields.get(plain(setting));
  return to ? [{ to, value }] : [];
}

/** The login modules that take a user name and a password. */
const LOGIN_MODULE =
  /^\s*org\.apache\.kafka\.common\.security\.(?:plain\.Plain|scram\.Scram)LoginModule\s+required(?=\s)/;
/** An option of a module: a word, or a text in quotes in which only quotes and backslashes are escaped. */
const OPTION = /\s+(\w+)\s*=\s*(?:"((?:[^"\\\r\n]|\\["'\\])*)"|'((?:[^'\\\r\n]|\\["'\\])*)'|([\w$-]+))/gy;

/** User name and password of a JAAS configuration; nothing where it holds anything else. */
function jaasLogin(value: string): MovedSetting[] {
  const [module = ""] = LOGIN_MODULE.exec(value) ?? [];
  const options = [...value.slice(module.length).matchAll(OPTION)];
  const end = module.length + options.reduce((length, [whole]) => length + whole.length, 0);
  const names = options.map(([, name]) => name).sort();
  if (module === "" || names.join() !== "password,username" || !/^\s*;?\s*$/.test(value.slice(end))) return [];
  return options.map(([, name = "", double, single, word = ""]) => ({
    to: login(name),
    value: (double ?? single ?? word).replace(/\\(.)/g, "$1"),
  }));
}
