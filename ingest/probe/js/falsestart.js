// @ts-check
/**
 * Tells Falsestart what the WebSockets of this page came to.
 *
 * `watch(options)` returns a class to use in the place of `WebSocket`. Nothing here throws into the page, waits
 * for the network, or keeps more than a bounded queue.
 */

/**
 * @typedef {object} Options
 * @property {string} [endpoint] Address of Falsestart; without it nothing is watched.
 * @property {string} [key] A client key, bound to this page's origin.
 * @property {string} [service] Name of the service whose sockets these are, as the service itself calls it.
 * @property {string} [environment] As the service itself calls it; `default` where it names none.
 * @property {string} [release] The service's release, where the page knows it.
 * @property {string} [instance] The service's instance, where the page knows it.
 * @property {number} [sample] Share of the sockets that end well to be told, from 0 to 1; failures always are.
 * @property {(string | RegExp)[]} [match] Whose sockets are watched: host names, `*.example.com` for all below
 *   one, or expressions for whole addresses. Without it those of the page's own host, and of hosts below it.
 * @property {boolean} [install] Whether to put the class in the place of `globalThis.WebSocket` too.
 */

/**
 * @typedef {object} Reporting
 * @property {() => Promise<void>} flush Sends what waits, and returns when that was tried.
 * @property {number} waiting Events that were not acknowledged yet.
 * @property {number} dropped Events that were given up.
 */

/**
 * What the page saw of itself when a socket ended.
 * @typedef {object} PageState
 * @property {boolean} clean Whether the browser calls the end clean.
 * @property {boolean} [visible]
 * @property {boolean} [online]
 * @property {boolean} leaving Whether the page was being left.
 * @property {number} attempt Counts the attempts at this address since one worked, from 1.
 */

/** @typedef {{id: string, kind: string} & Record<string, unknown>} Told */

export const VERSION = "0.1.0";

const PARAMETER = "falsestart_socket";
const SOCKET_ID = /^[A-Za-z0-9._:-]{1,128}$/; // what the service's probe takes for one
const GATHER = 500; // ms that an event waits for others
const MOST_EVENTS = 50; // in a batch: with the next two at most 60 kB, and a browser lets 64 kB outlive a page
const MOST_PATH = 700; // characters
const CAPACITY = 500; // events that wait
const ANSWER = 20_000; // ms for an answer
const FIRST_PAUSE = 1000; // ms after a failure, doubled by each further one
const LONGEST_PAUSE = 300_000; // ms
const MOST_ADDRESSES = 100; // whose attempts are counted
const WORKED = 10_000; // ms that a socket must have been open for the next attempt to be a first one
const GOOD = new Set([1000, 1001, 1005]); // codes of ends in order
const LEAST_SAMPLE = 1e-4; // share of these: one end may stand for 10,000, and for no more
const GOING_AWAY = 1001; // what browsers send for a page that is left
const NO_FRAME = 1006; // what they tell where no close frame came
const AGAIN = new Set([408, 425, 429]); // statuses, beside 5xx, after which the same may succeed
const USELESS = new Set([401, 403]); // statuses that say that this page's key never will

// Kept from before the page, or what it loads, puts something else in their place.
const post = globalThis.fetch?.bind(globalThis);
const page = globalThis.document;

/**
 * Returns a class to use in the place of `WebSocket`: a subclass that reports what its sockets came to.
 * Without an endpoint, or without WebSockets, it is `WebSocket` itself.
 * @param {Options} options
 * @returns {typeof WebSocket & {falsestart?: Reporting}}
 */
export function watch(options) {
  const Native = globalThis.WebSocket;
  try {
    if (!Native || !post || !options?.endpoint) return Native;
    if (!options.key || !options.service) {
      console.warn("falsestart: `key` and `service` are needed; nothing is watched.");
      return Native;
    }
    const Watched = watchedBy(new Watch(options), Native);
    if (options.install) globalThis.WebSocket = Watched;
    return Watched;
  } catch (error) {
    console.warn("falsestart: nothing is watched.", error);
    return Native;
  }
}

/**
 * @param {Watch} watch
 * @param {typeof WebSocket} Native
 * @returns {typeof WebSocket & {falsestart: Reporting}}
 */
function watchedBy(watch, Native) {
  class Watched extends Native {
    /** @type {Sight | null} */
    #sight;

    /**
     * @param {string | URL} url
     * @param {any[]} rest
     */
    constructor(url, ...rest) {
      const sight = arguments.length ? quietly(() => watch.sight(url)) : null;
      // @ts-ignore: without any argument it is the browser that shall complain.
      super(...(sight ? [sight.url, ...rest] : arguments));
      this.#sight = sight;
      if (sight) quietly(() => sight.begin(this));
    }

    /** The address that the page asked for, without what was added to it. */
    get url() {
      const url = super.url;
      return #sight in this && this.#sight ? url.replace(this.#sight.added, "") : url;
    }

    /** @param {any[]} rest */
    close(...rest) {
      super.close(...rest);
      if (#sight in this && this.#sight) this.#sight.closed = true;
    }
  }
  Object.defineProperty(Watched, "name", { value: "WebSocket", configurable: true });
  return Object.assign(Watched, { falsestart: watch.reporting });
}

/** All sockets that are watched on one page. */
class Watch {
  /** @param {Options} options */
  constructor(options) {
    // Without a boot an event is known by service, environment, reporter and its own id. The ids are counted
    // from 1 on every load of every page: were the reporters not all different, they would be the same events.
    this.client = `js-${randomly()}`;
    this.outbox = new Outbox(options, `falsestart-js/${this.client.slice(3)}`);
    const share = Math.min(options.sample ?? 1, 1);
    this.sample = share > 0 ? Math.max(share, LEAST_SAMPLE) : 0;
    const own = globalThis.location?.hostname;
    this.match = options.match ?? (own ? [own, `*.${own}`] : []);
    /** @type {Map<string, number>} */
    this.attempts = new Map();
    /** @type {Set<Sight>} */
    this.open = new Set();
    this.sockets = 0;
    this.leaving = false;
    globalThis.addEventListener?.("pagehide", () => quietly(() => this.leave()));
    globalThis.addEventListener?.("pageshow", () => (this.leaving = false));
    // On a phone a page that is hidden may never run again.
    page?.addEventListener("visibilitychange", () => page.hidden && !this.outbox.failures && this.outbox.flush());
  }

  /** @returns {Reporting} */
  get reporting() {
    const outbox = this.outbox;
    return {
      flush: () => outbox.flush(),
      get waiting() {
        return outbox.queue.length;
      },
      get dropped() {
        return outbox.dropped;
      },
    };
  }

  /**
   * @param {string | URL} asked
   * @returns {Sight | null} Null for an address that is not watched, or is none.
   */
  sight(asked) {
    const url = new URL(asked, page?.baseURI ?? globalThis.location?.href);
    return this.watches(url) ? new Sight(this, url, `${this.client}-${++this.sockets}`) : null;
  }

  /** @param {URL} url */
  watches(url) {
    return this.match.some((wanted) => {
      if (wanted instanceof RegExp) return new RegExp(wanted, wanted.flags.replace(/[gy]/g, "")).test(url.href);
      return wanted.startsWith("*.") ? url.hostname.endsWith(wanted.slice(1)) : url.hostname === wanted;
    });
  }

  /**
   * Counts an attempt at an address.
   * @param {string} address
   */
  attempt(address) {
    const attempt = (this.attempts.get(address) ?? 0) + 1;
    if (this.attempts.size >= MOST_ADDRESSES && attempt === 1) this.attempts.clear();
    this.attempts.set(address, attempt);
    return attempt;
  }

  /** The page goes, and nothing of it will hear how its sockets end: browsers end them as going away. */
  leave() {
    this.leaving = true;
    for (const sight of this.open) sight.end({ code: GOING_AWAY, reason: "", wasClean: true });
    this.outbox.leave();
  }
}

/** One socket as this page sees it. */
class Sight {
  /**
   * @param {Watch} watch
   * @param {URL} url
   * @param {string} id
   */
  constructor(watch, url, id) {
    this.watch = watch;
    this.address = url.host + url.pathname;
    this.path = url.pathname.slice(0, MOST_PATH);
    const given = url.searchParams.get(PARAMETER);
    this.id = given !== null && SOCKET_ID.test(given) ? given : id;
    this.added = given === null ? `${url.search ? "&" : "?"}${PARAMETER}=${id}` : "";
    if (this.added) url.search += this.added;
    this.url = url.href;
    this.closed = false; // Whether the page closed it.
    this.told = Math.random() < watch.sample; // Whether it is told although nothing is wrong with it.
    this.opened = "";
    /** @type {Date | undefined} */
    this.accepted = undefined;
    this.attempt = 0;
  }

  /** @param {WebSocket} socket */
  begin(socket) {
    this.opened = now();
    this.attempt = this.watch.attempt(this.address);
    this.watch.open.add(this);
    if (this.told) this.tell("socket.opened", {});
    socket.addEventListener("open", () => (this.accepted = new Date()));
    socket.addEventListener("close", (event) => quietly(() => this.end(event)));
  }

  /** @param {{code: number, reason: string, wasClean: boolean}} end */
  end({ code, reason, wasClean }) {
    if (!this.watch.open.delete(this)) return;
    const { leaving, sample } = this.watch;
    const online = globalThis.navigator?.onLine;
    const good = GOOD.has(code) && (this.accepted !== undefined || leaving);
    const lasted = this.accepted ? Date.now() - this.accepted.getTime() : 0;
    if (good || lasted >= WORKED) this.watch.attempts.delete(this.address);
    if (good && !this.told) return;
    /** @type {PageState} */
    const seen = { clean: wasClean, visible: page && !page.hidden, online, leaving, attempt: this.attempt };
    this.tell("socket.ended", {
      accepted_at: this.accepted,
      ended_at: now(),
      code,
      reason: reason || undefined,
      origin: this.origin(code, online),
      stands_for: good && sample < 1 ? Math.round(1 / sample) : undefined,
      page: seen,
    });
  }

  /**
   * Whose act it was, as far as a page can know: `peer` is this side, whoever tells it.
   * @param {number} code
   * @param {boolean | undefined} online
   */
  origin(code, online) {
    if (this.closed || this.watch.leaving) return "peer";
    return code === NO_FRAME && online === false ? "network" : undefined;
  }

  /**
   * @param {string} kind
   * @param {Record<string, unknown>} fields
   */
  tell(kind, fields) {
    const { id: socket, opened: opened_at, path, watch } = this;
    watch.outbox.add({ kind, socket, client: watch.client, path, opened_at, ...fields });
  }
}

/** Events on their way: each stays until it was acknowledged, and keeps its id however often it is sent. */
class Outbox {
  /**
   * @param {Options} options
   * @param {string} reporter
   */
  constructor({ endpoint, key, service, environment, release, instance }, reporter) {
    this.address = `${String(endpoint).replace(/\/+$/, "")}/api/v1/batches`;
    this.key = String(key);
    this.envelope = {
      v: 1,
      reporter: { role: "client", name: reporter, version: VERSION },
      resource: {
        "service.name": service,
        "deployment.environment.name": environment,
        "service.version": release,
        "service.instance.id": instance,
      },
    };
    /** @type {Told[]} */
    this.queue = [];
    this.count = 0;
    this.dropped = 0;
    this.failures = 0; // In a row.
    this.stopped = false; // Whether the server said that it will never take anything from here.
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Promise<void> | null} */
    this.sending = null;
  }

  /** @param {{kind: string} & Record<string, unknown>} event */
  add(event) {
    if (this.stopped) return;
    this.queue.push({ id: String(++this.count), ...event });
    if (this.queue.length > CAPACITY) this.makeRoom();
    this.later(GATHER);
  }

  /** Openings go first: an end says when its socket was opened. */
  makeRoom() {
    const opening = this.queue.findIndex((event) => event.kind === "socket.opened");
    this.queue.splice(Math.max(opening, 0), 1);
    this.dropped += 1;
  }

  /** @param {number} pause In ms. */
  later(pause) {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.flush();
    }, pause);
  }

  /** @returns {Promise<void>} */
  flush() {
    this.sending ??= this.send()
      .catch(() => {})
      .finally(() => (this.sending = null));
    return this.sending;
  }

  async send() {
    while (this.queue.length && !this.stopped) {
      const batch = this.queue.slice(0, MOST_EVENTS);
      const pause = await this.tried(batch);
      if (pause !== null) {
        clearTimeout(this.timer);
        this.timer = undefined;
        this.later(pause);
        return;
      }
      this.forget(batch);
    }
  }

  /**
   * @param {Told[]} batch
   * @returns {Promise<number | null>} How many ms to wait before another try; null if none is needed.
   */
  async tried(batch) {
    const abort = new AbortController();
    const limit = setTimeout(() => abort.abort(), ANSWER);
    try {
      const answer = await post(this.address, {
        method: "POST",
        headers: { Authorization: `Bearer ${this.key}`, "Content-Type": "application/json" },
        body: this.written(batch),
        credentials: "omit",
        redirect: "error",
        referrerPolicy: "no-referrer",
        keepalive: true,
        signal: abort.signal,
      });
      if (AGAIN.has(answer.status) || answer.status >= 500) return this.pause(answer.headers.get("Retry-After"));
      this.failures = 0;
      if (USELESS.has(answer.status)) this.stop();
      else if (!answer.ok) this.dropped += batch.length;
      return null;
    } catch {
      return this.pause(null);
    } finally {
      clearTimeout(limit);
    }
  }

  /**
   * Each failure doubles the pause, and chance spreads the pages that failed together.
   * @param {string | null} asked In s.
   */
  pause(asked) {
    const doubled = Math.min(FIRST_PAUSE * 2 ** this.failures++, LONGEST_PAUSE);
    return Math.max(doubled * (0.5 + Math.random()), 1000 * (Number(asked) || 0));
  }

  stop() {
    this.stopped = true;
    this.dropped += this.queue.length;
    this.queue = [];
  }

  /** The last chance: a beacon outlives the page. What was under way is in it again, which does no harm. */
  leave() {
    const key = encodeURIComponent(this.key);
    while (this.queue.length && !this.stopped) {
      const batch = this.queue.slice(0, MOST_EVENTS);
      // As plain text, since for JSON the browser would first have to ask, and there is no time left for that.
      if (!globalThis.navigator?.sendBeacon?.(`${this.address}?key=${key}`, this.written(batch))) return;
      this.forget(batch);
    }
  }

  /** @param {Told[]} batch */
  forget(batch) {
    const done = new Set(batch);
    this.queue = this.queue.filter((event) => !done.has(event));
  }

  /** @param {Told[]} events */
  written(events) {
    return JSON.stringify({ ...this.envelope, sent_at: now(), events });
  }
}

/**
 * @template T
 * @param {() => T} act
 * @returns {T | null} Null where it failed: whatever goes wrong here is none of the page's business.
 */
function quietly(act) {
  try {
    return act();
  } catch {
    return null;
  }
}

function now() {
  return new Date().toISOString();
}

function randomly() {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
