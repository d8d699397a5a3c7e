// Reads beside the page, which stays fluent. It is told { file } once, perhaps { harm } later, then asked { rgba, height, width } of a paper, or
// { picture } of 784; each is answered with { picture, shares, outputs, milliseconds }, all but the last null for bare paper.

import { harmed } from "./harm.js";
import { open, run, softmax } from "./network.js";
import { fromCanvas } from "./preprocessing.js";

let whole = null, network = null;

self.onmessage = ({ data }) => {
  if (data.file) {
    whole = network = open(data.file);
    return;
  }
  if (data.harm) {
    network = harmed(whole, data.harm);
    return;
  }
  const begun = performance.now();
  const picture = data.picture ?? fromCanvas(new Uint8ClampedArray(data.rgba), data.height, data.width);
  if (!picture) {
    self.postMessage({ picture: null, shares: null, outputs: null, milliseconds: performance.now() - begun });
    return;
  }
  const { outputs, logits } = run(network, picture);
  const shares = softmax(logits, network.temperature), milliseconds = performance.now() - begun;
  if (!data.wantsLayers) self.postMessage({ picture, shares, outputs: null, milliseconds });
  else self.postMessage({ picture, shares, outputs, milliseconds }, [...new Set(outputs.map(({ buffer }) => buffer))]);
};
