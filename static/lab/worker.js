// Reads beside the page, which stays fluent. It is told { file } once, perhaps { harm } later, then asked what asked.js is.

import { answer } from "./asked.js";
import { harmed } from "./harm.js";
import { open } from "./network.js";

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
  const found = answer(network, data);
  if (found.outputs && data.wantsLayers) self.postMessage(found, [...new Set(found.outputs.map(({ buffer }) => buffer))]);
  else self.postMessage({ ...found, outputs: null });
};
