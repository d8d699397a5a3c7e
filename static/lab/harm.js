// A network harmed on purpose, to see what it can do without. The network itself stays whole.

// off: pairs of a layer's index and a filter or neuron whose number is 0 whatever it sees. shaken: noise, in standard deviations of
// a layer's weights. pruned: the share of all weights, the smallest ones, that become 0. bits: that each weight keeps.
export const WHOLE = { off: [], shaken: 0, pruned: 0, bits: 32 };

export function harmed(network, harm) {
  const { off, shaken, pruned, bits } = harm;
  const limit = pruned ? sizes(network)[Math.ceil(pruned * sizes(network).length) - 1] : -1;
  return {
    ...network,
    isHarmed: off.length > 0 || shaken > 0 || pruned > 0 || bits < WHOLE.bits,
    layers: network.layers.map((layer, index) => {
      if (!layer.kernel) return layer;
      const kernel = Float64Array.from(layer.kernel, (weight) => (Math.abs(weight) <= limit ? 0 : weight));
      if (shaken) shake(kernel, shaken * spread(layer.kernel), index);
      if (bits < 32) round(kernel, bits);
      return { ...layer, kernel, off: off.filter(([at]) => at === index).map(([, unit]) => unit) };
    }),
  };
}

const sorted = new WeakMap();

// How far from 0 the weights lie, the smallest first.
function sizes(network) {
  if (!sorted.has(network)) {
    const kernels = network.layers.flatMap(({ kernel }) => (kernel ? [kernel] : []));
    const all = new Float64Array(kernels.reduce((count, { length }) => count + length, 0));
    let place = 0;
    for (const kernel of kernels) for (const weight of kernel) all[place++] = Math.abs(weight);
    sorted.set(network, all.sort());
  }
  return sorted.get(network);
}

function spread(kernel) {
  const mean = kernel.reduce((sum, weight) => sum + weight, 0) / kernel.length;
  return Math.sqrt(kernel.reduce((sum, weight) => sum + (weight - mean) ** 2, 0) / kernel.length);
}

// The same noise each time, more or less of it: a slider that is pushed to and fro leads back. Weights that were removed stay so.
function shake(kernel, deviation, seed) {
  let state = seed + 1;
  const uniform = () => { // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  for (let place = 0; place < kernel.length; place += 1) {
    const noise = Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()); // Box and Muller
    if (kernel[place]) kernel[place] += deviation * noise;
  }
}

// To the nearest of the steps that so many bits can count, from minus the largest weight to the largest; of 1 bit the sign is left.
function round(kernel, bits) {
  const size = (weight) => Math.abs(weight), most = kernel.reduce((top, weight) => Math.max(top, size(weight)), 0);
  if (!most) return;
  const mean = kernel.reduce((sum, weight) => sum + size(weight), 0) / kernel.length, step = most / (2 ** (bits - 1) - 1);
  for (let place = 0; place < kernel.length; place += 1) {
    kernel[place] = bits === 1 ? mean * Math.sign(kernel[place]) : step * Math.round(kernel[place] / step);
  }
}
