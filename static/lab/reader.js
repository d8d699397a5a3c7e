// A network in a Worker. It is asked one thing at a time: what is asked meanwhile waits, and only the last of it counts. So a slow
// processor shows fewer moments of a stroke, but never late ones.

// file: the address of a packed network. answered: called with each answer of worker.js.
export function reader(file, answered) {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  let isReady = false, isBusy = false, waiting = null;
  const next = () => {
    if (!isReady || isBusy || !waiting) return;
    const request = waiting();
    waiting = null;
    if (!request) return;
    isBusy = true;
    worker.postMessage(request, request.rgba ? [request.rgba] : []);
  };
  worker.onmessage = ({ data }) => {
    isBusy = false;
    answered(data);
    next();
  };
  const ready = fetch(file).then(async (answer) => {
    if (!answer.ok) throw new Error(`The network's file is not there: ${answer.status}`);
    const bytes = await answer.arrayBuffer();
    worker.postMessage({ file: bytes });
    isReady = true;
    next();
    return bytes;
  });
  return {
    ready, // a promise of the file's bytes
    // look: gives what worker.js is asked, or null, when it is its turn: what was drawn until then is in it.
    ask(look) {
      waiting = look;
      next();
    },
    tell(harm) {
      worker.postMessage({ harm });
    },
    stop() {
      waiting = null;
      worker.terminate();
    },
  };
}
