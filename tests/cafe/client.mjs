// The official client in Node: watches a session, says one idea, and prints what it hears, a line of JSON each.
// node --experimental-websocket client.mjs ADDRESS CODE TOKEN WORDS
import { io } from "../../cafe/static/vendor/socket.io-client/socket.io.esm.min.js";

const [address, session, token, text] = process.argv.slice(2);
const socket = io(address, { auth: { token }, transports: ["websocket"] });
const say = (event, told) => console.log(JSON.stringify({ event, told }));

socket.on("connect_error", (error) => say("connect_error", String(error)));
socket.on("disconnect", (reason) => {
  say("disconnect", reason);
  process.exit();
});
socket.on("changes", (told) => say("changes", told));
socket.on("connect", async () => {
  say("watch", await socket.emitWithAck("watch", { session, view: "phone", as: "data" }));
  const commands = [{ id: crypto.randomUUID(), do: "contribute", text }];
  say("commands", await socket.emitWithAck("commands", { commands }));
});
process.stdin.on("data", () => socket.disconnect()); // whoever started this has heard enough
