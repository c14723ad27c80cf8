// Replays the tapes of a folder with talkback, on a free port: `node talkback_server.cjs FOLDER`.
const talkback = require("talkback");

const server = talkback({
  host: "http://127.0.0.1:1",
  path: process.argv[2],
  port: 0,
  record: talkback.Options.RecordMode.DISABLED,
  ignoreHeaders: ["user-agent", "accept", "host", "connection"],
  silent: true,
  summary: false,
});

server.start(() => console.log(`listening at 127.0.0.1:${server.server.address().port}`));
