// Check a webhook of the portal: copy it into your program. Node 18 or newer, nothing else.
//
//     const message = verify(secret, headers, body);   // body: the exact bytes that came, a Buffer
//
// headers are those of node:http, in lower case. Throws Refused for what we did not send, and for
// what is too old.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

/** Seconds that a message may be old, or ahead of your clock. */
const TOLERANCE = 5 * 60;

/** Don't act on it; answer 400. */
export class Refused extends Error {}

/** The message. Keep its webhook-id: the same may come twice. */
export function verify(secret, headers, body, now = Date.now() / 1000) {
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  const signatures = headers["webhook-signature"];
  if (!id || !signatures || !/^\d+$/.test(timestamp ?? "")) {
    throw new Refused("a header is missing or broken");
  }
  if (Math.abs(now - Number(timestamp)) > TOLERANCE) {
    throw new Refused("it is too old, or from the future");
  }
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body);
  const expected = Buffer.from(`v1,${mac.digest("base64")}`);
  // While a secret is rotated there are two signatures: one that fits is enough.
  const fits = signatures.split(" ").some((text) => {
    const given = Buffer.from(text);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!fits) throw new Refused("no signature fits");
  return JSON.parse(body.toString("utf8"));
}

// SECRET=whsec_… node verify_webhook.mjs 8000: a receiver to try it
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    try {
      const message = verify(process.env.SECRET, request.headers, Buffer.concat(chunks));
      console.log(request.headers["webhook-id"], message.type, message.candidate_id);
      response.writeHead(204).end();
    } catch (error) {
      response.writeHead(error instanceof Refused ? 400 : 500).end(error.message);
    }
  }).listen(Number(process.argv[2]), "127.0.0.1");
}
