// The connection of a live page, and the truth about it: live, catching up, stale, paused.

const STALE = 12_000; // ms without a mark
const FIRST_WAIT = 500; // ms before the first new try
const LONGEST_WAIT = 15_000; // ms
const TICK = 1000; // ms
const SIGNED_OUT = 4401; // close code
const NOT_ALLOWED = 4403; // close code
const ASK_AGAIN = 3000; // ms before a snapshot is asked for once more

// An address of this installation, which may lie below a path of its host.
function address(name, query) {
  const url = new URL(name, new URL(document.body.dataset.home, window.location));
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
  return url;
}

export class Link {
  // `mark` tells what the page shows, `apply` takes a frame, `show` the state of the connection.
  constructor({ path, mark, apply, show, tell }) {
    Object.assign(this, { path, mark, apply, show, tell });
    this.socket = null;
    this.heard = Date.now();
    this.opened = 0;
    this.wait = FIRST_WAIT;
    this.next = 0;
    this.asked = 0;
    this.current = false; // Whether a snapshot came on this connection and no mark was ahead of it since.
    this.paused = false;
    this.ended = null; // Why this page is not followed any more: `signed out` or `not allowed`.
    this.held = [];
    window.setInterval(() => this.tick(), TICK);
    window.addEventListener("online", () => this.retry());
    document.addEventListener("visibilitychange", () => document.hidden || this.tick());
  }

  open() {
    if (this.socket || this.ended) return;
    const url = address("live/", { page: this.path });
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    this.socket = socket;
    this.opened = Date.now();
    this.current = false;
    socket.addEventListener("message", (event) => this.socket === socket && this.take(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => this.socket === socket && this.lost(event.code));
    this.report();
  }

  lost(code) {
    this.socket = null;
    this.current = false;
    if (code === SIGNED_OUT || code === NOT_ALLOWED) this.ended = code === SIGNED_OUT ? "signed out" : "not allowed";
    else {
      // Spread out, so that a restarted server is not met by every page at once.
      this.next = Date.now() + this.wait * (0.75 + Math.random() / 2);
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    }
    this.report();
  }

  take(frame) {
    this.heard = Date.now();
    this.wait = FIRST_WAIT;
    this.tell(frame.at);
    if (frame.type === "mark") this.compare(frame.mark);
    else if (this.paused) this.held.push(frame);
    else this.put(frame);
    this.report();
  }

  put(frame) {
    this.apply(frame);
    if (frame.type === "snapshot") this.current = true;
  }

  compare(mark) {
    if (this.paused) return;
    this.current = this.mark() >= mark;
    if (!this.current) this.ask();
  }

  ask() {
    if (Date.now() - this.asked < ASK_AGAIN || this.socket?.readyState !== WebSocket.OPEN) return;
    this.asked = Date.now();
    this.socket.send('{"type":"snapshot"}');
  }

  tick() {
    if (!this.socket && Date.now() >= this.next) this.open();
    // A connection that says nothing is no connection, whatever the browser thinks; a new one gets its time.
    if (this.socket && Date.now() - Math.max(this.heard, this.opened) > 2 * STALE) {
      const dead = this.socket;
      this.lost(0);
      dead.close();
    }
    this.report();
  }

  toggle() {
    this.paused = !this.paused;
    if (!this.paused) {
      // What was held may be long: the page as it stands now says it all.
      this.held = [];
      this.current = false;
      this.asked = 0;
      this.ask();
    }
    this.report();
  }

  retry() {
    if (this.ended) {
      // The server answers with the sign-in page, or says what is missing and whom to ask.
      window.location.reload();
      return;
    }
    this.wait = FIRST_WAIT;
    this.next = 0;
    this.tick();
  }

  report() {
    const silent = Date.now() - this.heard;
    const age = Math.floor(silent / 1000);
    const wait = Math.max(0, Math.ceil((this.next - Date.now()) / 1000));
    const own = { age, wait: this.socket ? 0 : wait, ended: this.ended };
    if (this.ended) this.show({ name: "off", ...own });
    else if (silent >= STALE) this.show({ name: "stale", ...own });
    else if (this.paused) this.show({ name: "paused", ...own });
    else this.show({ name: this.socket && this.current ? "live" : "behind", ...own });
  }
}
