// Counts, beside the page, how many test digits a harmed network still reads. It is told { file, digits } once: a packed network,
// and labels followed by pixels, uint8; then { harm }, and answers { right, done, count } again and again until all are read.

import { harmed } from "./harm.js";
import { open, run } from "./network.js";

const AT_ONCE = 25; // digits between two answers

let whole = null, labels = null, pixels = null, latest = null;

self.onmessage = ({ data }) => {
  if (data.file) {
    whole = open(data.file);
    const count = data.digits.byteLength / 785;
    labels = new Uint8Array(data.digits, 0, count);
    pixels = Float32Array.from(new Uint8Array(data.digits, count), (value) => value * Math.fround(1 / 255));
  }
  if (data.harm) read(data.harm);
};

async function read(harm) {
  latest = harm;
  const network = harmed(whole, harm);
  let right = 0;
  for (let done = 0; done < labels.length; ) {
    for (const end = Math.min(labels.length, done + AT_ONCE); done < end; done += 1) {
      const answer = run(network, pixels.subarray(784 * done, 784 * (done + 1))).logits;
      right += answer.indexOf(Math.max(...answer)) === labels[done];
    }
    self.postMessage({ right, done, count: labels.length });
    await new Promise((resolve) => { setTimeout(resolve); }); // another harm may have been told meanwhile
    if (latest !== harm) return;
  }
}
