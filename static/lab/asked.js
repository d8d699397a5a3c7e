// What a network is asked about a drawing, and what it answers: in a Worker or in the page.

import { run, softmax } from "./network.js";
import { fromCanvas } from "./preprocessing.js";

// asked: { rgba, height, width } of a paper, or { picture } of 784. Returns { picture, shares, outputs, milliseconds }, all but
// the last null for bare paper.
export function answer(network, asked) {
  const begun = performance.now();
  const picture = asked.picture ?? fromCanvas(new Uint8ClampedArray(asked.rgba), asked.height, asked.width);
  const { outputs, logits } = picture ? run(network, picture) : { outputs: null, logits: null };
  const shares = logits && softmax(logits, network.temperature);
  return { picture, shares, outputs, milliseconds: performance.now() - begun };
}
