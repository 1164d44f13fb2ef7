// Chats, and comes back when it is cut off, as pages do: at once, then ever later.
import { watch } from "./falsestart.js";

const FIRST_WAIT = 250; // ms
const LONGEST_WAIT = 4000; // ms

const { endpoint, key, release } = document.querySelector("meta[name=falsestart]").dataset;
const Socket = watch({ endpoint, key, release, service: "chat-backend", environment: "demo" });

const lines = document.querySelector("ol");
const form = document.querySelector("form");
let socket = null;
let wait = FIRST_WAIT;

function show(text) {
  const line = document.createElement("li");
  line.textContent = text;
  lines.append(line);
}

function connect() {
  socket = new Socket(`ws://${window.location.host}/ws/chat?room=lobby`);
  socket.addEventListener("message", (event) => {
    wait = FIRST_WAIT;
    show(JSON.parse(event.data).text);
  });
  socket.addEventListener("open", () => show("connected"));
  socket.addEventListener("close", (event) => {
    show(`closed: ${event.code} ${event.reason}`.trim());
    setTimeout(connect, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (socket?.readyState === Socket.OPEN) socket.send(form.elements.text.value);
  form.reset();
});

connect();
