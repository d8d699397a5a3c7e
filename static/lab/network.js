// A network over digits: its file opened, every layer's answer to one picture, and what an answer is made of.
// The server packs the file (digit_core/inference/browser.py). Pictures are Float32Array of 784, 0 to 1, ink is 1. A layer's
// values lie as LiteRT has them: row by row, in each place channel by channel.

const ACTIVATIONS = {
  linear: (sum) => sum,
  relu: (sum) => Math.max(0, sum),
  elu: (sum) => (sum > 0 ? sum : Math.expm1(sum)),
  gelu: (sum) => 0.5 * sum * (1 + erf(sum * Math.SQRT1_2)),
  tanh: Math.tanh,
  sigmoid: (sum) => 1 / (1 + Math.exp(-sum)),
};

// Abramowitz and Stegun, 7.1.6: all its terms are positive, so nothing cancels.
function erf(x) {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x, total = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(total); n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

// Shares of logits, which add up to 1; at a temperature above 1 they lie nearer together.
export function softmax(logits, temperature = 1) {
  const most = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp((logit - most) / temperature));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

// The file of a network: four bytes with the length of its description, the description as JSON, the weights.
export function open(file) {
  const length = new DataView(file).getUint32(0, true);
  const description = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 4, length)));
  const weights = new Float32Array(file, 4 + length);
  let place = 0, shape = [28, 28, 1];
  const take = (count) => Float64Array.from(weights.subarray(place, (place += count))); // products of doubles are quicker
  const layers = description.layers.map((layer) => {
    const inputShape = shape;
    shape = layer.shape;
    const opened = { ...layer, inputShape };
    if (layer.kind === "convolution") {
      opened.kernel = take(layer.size * layer.size * inputShape[2] * layer.filters);
      opened.bias = take(layer.filters);
      opened.margin = layer.padding === "same" ? margins(layer, inputShape, shape) : [0, 0];
    } else if (layer.kind === "dense") {
      opened.kernel = take(inputShape[0] * layer.units);
      opened.bias = take(layer.units);
    }
    return opened;
  });
  return { layers, temperature: description.temperature };
}

// How many rows and columns of nothing stand before the first ones, as TensorFlow pads to "same".
function margins(layer, inputShape, shape) {
  return [0, 1].map((axis) =>
    Math.max(0, (shape[axis] - 1) * layer.strides + layer.size - inputShape[axis]) >> 1);
}

// The values of every layer in order, and the sums before the last one's softmax.
export function run(network, picture) {
  const outputs = [];
  let values = picture, logits = null;
  for (const layer of network.layers) {
    const input = values;
    if (layer.kind === "convolution") values = convolved(layer, input);
    else if (layer.kind === "pooling") values = pooled(layer, input);
    else if (layer.kind === "dense") {
      logits = sums(layer, input);
      values = activated(layer, logits);
    } // dropout and flatten hand the same numbers on
    if (layer.off?.length) silence(layer, values);
    outputs.push(values);
  }
  return { outputs, logits };
}

// Filters and neurons that are switched off find nothing: see harm.js.
function silence({ off, bias }, values) {
  for (const unit of off) for (let place = unit; place < values.length; place += bias.length) values[place] = 0;
}

function activated(layer, found) {
  if (layer.activation === "softmax") return Float32Array.from(softmax(found));
  return Float32Array.from(found, ACTIVATIONS[layer.activation]);
}

// Many inputs are 0 behind relu: each is looked at once, and its weights lie side by side.
function sums(layer, input) {
  const { kernel, units } = layer, found = Float64Array.from(layer.bias);
  for (let place = 0, at = 0; place < input.length; place += 1, at += units) {
    const value = input[place];
    if (value === 0) continue;
    for (let unit = 0; unit < units; unit += 1) found[unit] += value * kernel[at + unit];
  }
  return found;
}

function convolved(layer, input) {
  const { kernel, bias, filters, size, strides, margin } = layer;
  const [inputHeight, inputWidth, channels] = layer.inputShape, [height, width] = layer.shape;
  const activate = ACTIVATIONS[layer.activation], isRelu = layer.activation === "relu";
  const values = new Float32Array(height * width * filters), sum = new Float64Array(filters);
  let target = 0;
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      sum.set(bias);
      for (let y = 0; y < size; y += 1) {
        const inputRow = row * strides + y - margin[0];
        if (inputRow < 0 || inputRow >= inputHeight) continue;
        for (let x = 0; x < size; x += 1) {
          const inputColumn = column * strides + x - margin[1];
          if (inputColumn < 0 || inputColumn >= inputWidth) continue;
          let source = (inputRow * inputWidth + inputColumn) * channels;
          let at = (y * size + x) * channels * filters;
          for (let channel = 0; channel < channels; channel += 1, source += 1, at += filters) {
            const value = input[source];
            if (value === 0) continue;
            for (let filter = 0; filter < filters; filter += 1) sum[filter] += value * kernel[at + filter];
          }
        }
      }
      for (let filter = 0; filter < filters; filter += 1, target += 1) {
        const found = sum[filter];
        values[target] = isRelu ? (found > 0 ? found : 0) : activate(found);
      }
    }
  }
  return values;
}

function pooled(layer, input) {
  const { size } = layer, [, inputWidth, channels] = layer.inputShape, [height, width] = layer.shape;
  const values = new Float32Array(height * width * channels).fill(-Infinity);
  for (let row = 0; row < height * size; row += 1) {
    for (let column = 0; column < width * size; column += 1) {
      const source = (row * inputWidth + column) * channels;
      const target = (Math.floor(row / size) * width + Math.floor(column / size)) * channels;
      for (let channel = 0; channel < channels; channel += 1) {
        const value = input[source + channel];
        if (value > values[target + channel]) values[target + channel] = value;
      }
    }
  }
  return values;
}

// What one value of a layer is made of.
//   terms: for a convolution or dense layer each { source, input, weight, product }, for a pooling each { source, input };
//     source is the input's place in the layer before. Where a window reaches over the edge there is nothing to add.
//   bias, sum, value: the sum holds the bias; the value is the sum behind the activation.
//   isOff: it is 0 whatever the sum is, for it was switched off.
//   winner: of a pooling, which of its terms is the largest.
export function explain(network, picture, outputs, index, place) {
  const layer = network.layers[index], input = index ? outputs[index - 1] : picture;
  if (layer.kind === "flatten" || layer.kind === "dropout") {
    return { terms: [{ source: place, input: input[place] }], value: input[place] };
  }
  if (layer.kind === "pooling") return explainPooling(layer, input, place);
  const unit = place % layer.bias.length;
  const terms = sources(layer, place).map(({ source, at }) => {
    const weight = layer.kernel[at + unit];
    return { source, input: input[source], weight, product: input[source] * weight };
  });
  const bias = layer.bias[unit], sum = terms.reduce((total, term) => total + term.product, bias);
  if (layer.off?.includes(unit)) return { terms, bias, sum, value: 0, isOff: true };
  const value = layer.activation === "softmax" ? softmax(sums(layer, input))[unit] : ACTIVATIONS[layer.activation](sum);
  return { terms, bias, sum, value };
}

function explainPooling(layer, input, place) {
  const terms = sources(layer, place).map(({ source }) => ({ source, input: input[source] }));
  const winner = terms.reduce((best, term, number) => (term.input > terms[best].input ? number : best), 0);
  return { terms, winner, value: terms[winner].input };
}

// Which inputs a value is made of: their places, and where in the kernel their weights begin.
function sources(layer, place) {
  const found = [];
  if (layer.kind === "dense") {
    for (let source = 0; source < layer.inputShape[0]; source += 1) found.push({ source, at: source * layer.units });
    return found;
  }
  const channels = layer.inputShape[2], [top, left, bottom, right] = windowOf(layer, place);
  const isPooling = layer.kind === "pooling", size = layer.size, from = windowStart(layer, place);
  for (let row = top; row < bottom; row += 1) {
    for (let column = left; column < right; column += 1) {
      const source = (row * layer.inputShape[1] + column) * channels;
      if (isPooling) found.push({ source: source + (place % channels) });
      else {
        for (let channel = 0; channel < channels; channel += 1) {
          const at = (((row - from[0]) * size + column - from[1]) * channels + channel) * layer.filters;
          found.push({ source: source + channel, at });
        }
      }
    }
  }
  return found;
}

function windowStart(layer, place) {
  const spot = Math.floor(place / layer.shape[2]), step = layer.strides ?? layer.size, margin = layer.margin ?? [0, 0];
  return [Math.floor(spot / layer.shape[1]) * step - margin[0], (spot % layer.shape[1]) * step - margin[1]];
}

// Top, left, bottom, right in the layer before, within its edges; bottom and right are the first ones outside.
export function windowOf(layer, place) {
  const [top, left] = windowStart(layer, place), [height, width] = layer.inputShape;
  return [Math.max(0, top), Math.max(0, left), Math.min(height, top + layer.size), Math.min(width, left + layer.size)];
}

// The same of a whole block of places, for the way back to the pixels.
export function windowOfBlock(layer, [top, left, bottom, right]) {
  if (layer.kind !== "convolution" && layer.kind !== "pooling") return [top, left, bottom, right];
  const channels = layer.shape[2], at = (row, column) => (row * layer.shape[1] + column) * channels;
  const first = windowOf(layer, at(top, left)), last = windowOf(layer, at(bottom - 1, right - 1));
  return [first[0], first[1], last[2], last[3]];
}
