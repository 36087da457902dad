// The portal's API in one file: copy it into your program. Node 18 or newer, nothing else.
//
//     BASE=https://portal.example.com TOKEN=… node client.mjs "Meera Krishnan" 9876543210 m@x.in
//
// Each call is repeated after time-outs, 429, 5xx and whatever else has Retry-After: never does that
// add anybody twice, for add() sends an Idempotency-Key.

import { pathToFileURL } from "node:url";

/** An answer that repeating doesn't change. */
export class Refused extends Error {
  constructor(status, body) {
    super(`${status} ${body.message}`);
    Object.assign(this, { status, errors: body.errors ?? [] });
  }

  get codes() {
    return this.errors.flatMap((error) => error.code ?? []);
  }
}

/** Seconds that are waited at most, whatever Retry-After says. */
const LONGEST = 300;

export class Client {
  constructor(base, token, { timeout = 30, tries = 6 } = {}) {
    Object.assign(this, { base: base.replace(/\/+$/, ""), token, timeout, tries });
  }

  /** What can be ordered: categories, tags, packages with their subtypes. */
  async packages() {
    return (await this.call("packages")).data;
  }

  /** Add a candidate. Keep the key and send it again if your program may die meanwhile. */
  async add(candidate, pack, key = crypto.randomUUID()) {
    return (await this.call("add", {}, { candidate, package: pack }, key)).data;
  }

  /** One candidate, by candidate_id or email. */
  async details(one) {
    return (await this.call("details", one)).data;
  }

  /** Every candidate, newest first, page by page. */
  async *candidates(limit = 100) {
    const query = { limit };
    do {
      const page = await this.call("details", query);
      yield* page.data;
      query.cursor = page.next_cursor;
    } while (query.cursor);
  }

  async call(name, query = {}, body, key) {
    const address = `${this.base}/external/v1/candidate/${name}?${new URLSearchParams(query)}`;
    const headers = { Authorization: `Bearer ${this.token}` };
    if (body) headers["Content-Type"] = "application/json";
    if (key) headers["Idempotency-Key"] = key;
    for (let attempt = 0; ; attempt++) {
      const isLast = attempt === this.tries - 1;
      let wait;
      try {
        const response = await fetch(address, {
          method: body ? "POST" : "GET",
          headers,
          body: body && JSON.stringify(body),
          signal: AbortSignal.timeout(this.timeout * 1000),
        });
        if (response.ok) return await response.json();
        wait = response.headers.get("Retry-After");
        if (isLast || !(wait || response.status === 429 || response.status >= 500)) {
          const told = await response.json().catch(() => ({ message: response.statusText }));
          throw new Refused(response.status, told);
        }
      } catch (error) {
        // Anything else: no connection, or no answer in time.
        if (isLast || error instanceof Refused) throw error;
      }
      const byChance = 2 ** attempt * (0.25 + Math.random() / 4);
      const seconds = wait ? Math.min(secondsOf(wait, byChance), LONGEST) : byChance;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
  }
}

/** Retry-After, which is seconds or, from a proxy between us, a date (RFC 9110 §10.2.3). */
function secondsOf(wait, otherwise) {
  if (/^\d+$/.test(wait)) return Number(wait);
  const then = Date.parse(wait);
  return Number.isNaN(then) ? otherwise : Math.max(0, (then - Date.now()) / 1000);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const client = new Client(process.env.BASE, process.env.TOKEN);
  const [name, phone, email] = process.argv.slice(2);
  const { packages } = await client.packages();
  const added = await client.add({ name, phone, email }, { subtype_id: packages[0].subtype_id });
  console.log(JSON.stringify(await client.details({ candidate_id: added.candidate_id })));
  for await (const candidate of client.candidates(2)) {
    console.log(candidate.candidate_id, candidate.overall_status);
  }
}
