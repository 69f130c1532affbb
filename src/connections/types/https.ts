import { headers, webUrl } from "../../schema/fields.ts";
import { connectionType } from "../connection-type.ts";

export const https = connectionType({
  type: "Https",
  use: "HTTP API or webhook to call",
  prerequisite: "An endpoint that Atlas can reach.",
  fields: {
    url: webUrl("https or http"),
    headers: headers("Values are secrets").optional(),
  },
  apart: [["url"]],
  uses: {},
  example: {
    url: "https://api.example.com/hook",
    headers: { Authorization: "${env:ATLAS_STREAMS_SECRET_HOOK_AUTH}" },
  },
});
