/** One exchange with a client: read, act, answer, with a fault before, between or after where a test asked for one. */
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { Fault, Misfortune } from "./http/faults.ts";
import { parseBody, type RecordedRequest } from "./http/recorded-request.ts";
import { plainReply, type Reply } from "./http/reply.ts";
import type { Wire } from "./http/wire.ts";

interface Exchange {
  request: IncomingMessage;
  recorded: RecordedRequest;
  wire: Wire;
  fault: Misfortune["fault"];
  /** Does what the request asks. */
  act: () => Reply;
}

/** Leads one exchange to its end, whatever that is. */
export async function exchange({ request, recorded, wire, fault, act }: Exchange): Promise<void> {
  if (fault?.kind === "reset-before-read") return wire.reset();
  recorded.body = parseBody(await text(request), recorded.headers["content-type"]);

  switch (fault?.kind) {
    case undefined:
      return wire.send(act());
    case "delay":
      await wire.wait(fault.ms);
      return wire.send(act());
    case "reset-after-read":
      return wire.reset();
    case "silence-before-acting":
      return;
    case "answer":
      if (fault.act) act();
      return wire.send(cannedReply(fault));
    case "reset-after-acting":
      act();
      return wire.reset();
    case "silence-after-acting":
      act();
      return;
    case "half-body":
      return wire.sendHalf(act());
    case "garbage-body":
      return wire.send({ ...act(), status: 200, bytes: Buffer.from('{"name": \u0000<<<') });
    case "slow-body":
      return wire.sendSlowly(act(), fault.bytesPerSecond);
  }
}

function cannedReply({ status, headers = {}, body, contentType }: Fault & { kind: "answer" }): Reply {
  if (typeof body === "string" || body === undefined)
    return {
      status,
      headers: { "content-type": contentType ?? "text/plain", ...headers },
      bytes: Buffer.from(body ?? ""),
    };
  return plainReply({ status, headers: contentType ? { "content-type": contentType, ...headers } : headers, body });
}
