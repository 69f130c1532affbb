import { headers, webUrl, withTrait } from "../../schema/fields.ts";
import { connectionType } from "../connection-type.ts";

export const https = connectionType({
  type: "Https",
  use: "HTTP API or webhook to call",
  alsoCalled: ["webhook", "rest", "restapi", "api"],
  prerequisite: "An endpoint that Atlas can reach.",
  fields: {
    url: withTrait(webUrl("https or http"), { alsoCalled: ["endpoint", "uri", "baseurl", "webhook", "webhookurl"] }),
    headers: headers("Values are secrets").optional(),
  },
  apart: [["url"]],
  uses: {},
  example: {
    url: "https://api.example.com/hook",
    headers: { Authorization: "${env:ATLAS_STREAMS_SECRET_HOOK_AUTH}" },
  },
});
