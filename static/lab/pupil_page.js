// The pupil's page at an address of its own: what it sends and asks for goes to the server's routes.

import { start } from "./pupil.js";
import { Refused } from "./pupil_outbox.js";

const base = location.pathname.replace(/\/join\/.*$/, "/join/");

async function post(code, action, message) {
  const answer = await fetch(`${base}${code}/${action}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(message),
    signal: AbortSignal.timeout(10_000),
  });
  // Where the server is down, something in between may answer in its own words.
  const said = await answer.json().catch(() => { throw new TypeError("no answer of ours"); });
  if (!answer.ok) throw new Refused(answer.status, said.sentence ?? "");
  return said;
}

start({
  root: document,
  code: decodeURIComponent(location.pathname.slice(base.length)),
  network: new URL("./tiny.network", import.meta.url),
  post,
  entered: (code) => history.replaceState(null, "", `${base}${code}`),
});
