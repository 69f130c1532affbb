/** One exchange with a client: read, act, answer, with a fault before, between or after where a test asked for one. */
import type { IncomingMessage } from "node:http";
import { tooLarge } from "./atlas.ts";
import { readBody } from "./http/body-limit.ts";
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
  const text = await readBody(request);
  if (text !== undefined) recorded.body = parseBody(text, recorded.headers["content-type"]);
  const handle = text === undefined ? tooLarge : act;

  switch (fault?.kind) {
    case undefined:
      return wire.send(handle());
    case "delay":
      await wire.wait(fault.ms);
      return wire.send(handle());
    case "reset-after-read":
      return wire.reset();
    case "silence-before-acting":
      return;
    case "answer":
      if (fault.act) handle();
      return wire.send(cannedReply(fault));
    case "reset-after-acting":
      handle();
      return wire.reset();
    case "silence-after-acting":
      handle();
      return;
    case "half-body":
      return wire.sendHalf(handle());
    case "garbage-body":
      return wire.send({ ...handle(), status: 200, bytes: Buffer.from('{"name": \u0000<<<') });
    case "slow-body":
      return wire.sendSlowly(handle(), fault.bytesPerSecond);
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
