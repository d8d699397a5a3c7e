// One number of a network written out: what goes in, times what, and what comes of it.

import { softmax } from "./network.js";
import { percent } from "./words.js";

const SHOWN = 6; // input maps, or inputs on either side, that are seen at once
const ACTIVATIONS = {
  relu: "ReLU: what is below 0 becomes 0",
  elu: "ELU: what is below 0 is bent towards −1",
  gelu: "GELU: what is far below 0 becomes 0, softly",
  tanh: "tanh: squeezed between −1 and 1",
  sigmoid: "sigmoid: squeezed between 0 and 1",
  linear: "no activation: it stays as it is",
};

export function element(tag, kind = "", text = "") {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  if (text !== "") made.textContent = text;
  return made;
}

// Three places, or more where there would be nothing but zeros.
export function number(value) {
  const size = Math.abs(value);
  const text = size === 0 ? "0" : size < 0.0005 ? size.toExponential(1) : size.toFixed(3);
  return `${value < 0 ? "−" : ""}${text.replace("e-", "e−")}`;
}

const signed = (value) => (value < 0 ? number(value) : `+${number(value)}`);

// asked: { network, picture, outputs, index, place, found, data }, found as network.js explains it.
export function writeOut(asked) {
  const layer = asked.network.layers[asked.index], written = element("div", "sum");
  if (layer.kind === "pooling") written.append(...pooling(layer, asked.found));
  else if (layer.kind === "convolution") written.append(...convolution(layer, asked));
  else written.append(...dense(layer, asked));
  return written;
}

function pooling(layer, { terms, winner, value }) {
  const side = Math.round(Math.sqrt(terms.length)), grid = gridOf(side);
  grid.append(...terms.map(({ input }, at) => element("span", at === winner ? "cell is-winner" : "cell", number(input))));
  return [
    element("p", "", `It looks at these ${terms.length} numbers of the same map and keeps the largest: ${number(value)}, number ${winner + 1} of ${terms.length}. The others are forgotten.`),
    grid,
    more("As a formula", () => element("p", "formula", "y = max(x₁, x₂, …)")),
  ];
}

function gridOf(side) {
  const grid = element("div", "grid");
  grid.style.setProperty("--side", side);
  return grid;
}

// A product's colour: for or against, the more the stronger.
function tint(cell, product, most) {
  cell.style.setProperty("--depth", `${Math.round((55 * Math.abs(product)) / most)}%`);
  cell.classList.add(product < 0 ? "is-less" : "is-more");
}

function convolution(layer, { found }) {
  const { terms, bias, sum } = found, channels = layer.inputShape[2];
  const parts = new Map();
  for (const term of terms) {
    const channel = term.source % channels;
    if (!parts.has(channel)) parts.set(channel, []);
    parts.get(channel).push(term);
  }
  const most = Math.max(1e-9, ...terms.map(({ product }) => Math.abs(product)));
  const width = new Set(terms.map(({ source }) => Math.floor(source / channels) % layer.inputShape[1])).size;
  const shown = [...parts].map(([channel, ofMap]) => ({ channel, ofMap, total: ofMap.reduce((all, { product }) => all + product, 0) }))
    .sort((a, b) => Math.abs(b.total) - Math.abs(a.total));
  const window = ({ channel, ofMap, total }) => {
    const figure = element("figure"), grid = gridOf(width);
    for (const { input, weight, product } of ofMap) {
      const cell = element("span", "cell");
      cell.append(element("b", "", number(input)), element("i", "", `× ${number(weight)}`));
      tint(cell, product, most);
      grid.append(cell);
    }
    const name = channels > 1 ? `Map ${channel + 1}: ${signed(total)}` : `All together: ${signed(total)}`;
    figure.append(element("figcaption", "", name), grid);
    return figure;
  };
  const side = (parts) => { // where the screen is narrow it scrolls, by keys as well
    const windows = element("div", "windows");
    windows.tabIndex = 0;
    windows.setAttribute("role", "group");
    windows.setAttribute("aria-label", "What goes in, times its weight");
    windows.append(...parts.map(window));
    return windows;
  };
  const intro = channels > 1
    ? `It looks through a window at all ${channels} maps before it: each number there times a weight that was learnt. ${shown.length > SHOWN ? `These ${SHOWN} maps count most.` : ""}`
    : "It looks through a window at the picture: each pixel there times a weight that was learnt.";
  const said = [element("p", "", intro), side(shown.slice(0, SHOWN))];
  if (shown.length > SHOWN) said.push(more(`Show the other ${shown.length - SHOWN} maps`, () => side(shown.slice(SHOWN))));
  return [...said, total(terms, bias, sum), ending(layer, found), all(terms), more("As a formula", () =>
    element("p", "formula", `y = ${layer.activation}(b + Σ xᵢ · wᵢ), over the ${terms.length} numbers in the window`))];
}

function total(terms, bias, sum) {
  const line = element("p", "total"), products = sum - bias;
  line.append("Sum of the ", String(terms.length), " products ", element("b", "", number(products)), ", bias ", element("b", "", signed(bias)),
    ", together ", element("b", "", number(sum)), ".");
  line.dataset.sum = sum;
  return line;
}

function ending(layer, { sum, value, isOff }) {
  if (isOff) return element("p", "", "But it is switched off: 0.");
  return element("p", "", `Then ${ACTIVATIONS[layer.activation]}: ${number(sum)} → ${number(value)}.`);
}

function more(words, make) {
  const details = element("details"), summary = element("summary", "", words);
  details.append(summary);
  details.addEventListener("toggle", () => { if (details.open && details.children.length === 1) details.append(make()); });
  return details;
}

function all(terms) {
  return more(`Write out all ${terms.length} products`, () => {
    const list = element("div", "products");
    list.tabIndex = 0;
    list.textContent = terms.map(({ input, weight, product }) => `${number(input)} × ${number(weight)} = ${number(product)}`).join("\n");
    return list;
  });
}

// What the inputs of a dense layer are called: a pixel, a place of a map, or a neuron.
function nameOf({ network, index }) {
  let before = index - 1;
  while (before >= 0 && ["flatten", "dropout"].includes(network.layers[before].kind)) before -= 1;
  const shape = before < 0 ? [28, 28, 1] : network.layers[before].shape;
  if (shape.length === 1) return (source) => `neuron ${source + 1}`;
  return (source) => {
    const spot = Math.floor(source / shape[2]), where = `row ${Math.floor(spot / shape[1]) + 1}, column ${(spot % shape[1]) + 1}`;
    return before < 0 ? `pixel in ${where}` : `map ${(source % shape[2]) + 1}, ${where}`;
  };
}

function dense(layer, asked) {
  const { found, data, place } = asked, { terms, bias, sum } = found, name = nameOf(asked);
  const isAnswer = layer.activation === "softmax";
  const said = [element("p", "", isAnswer
    ? `What speaks for ${place}, and what against it: each number before it times a weight that was learnt.`
    : `This neuron looks at all ${terms.length} numbers before it: each times a weight that was learnt.`)];
  if (layer.inputShape[0] === 784) said.push(looksFor(terms, data));
  const ranked = [...terms].sort((a, b) => b.product - a.product), sides = element("div", "sides");
  sides.append(
    strongest(isAnswer ? `For ${place}` : "Pushes it up", ranked.slice(0, SHOWN).filter(({ product }) => product > 0), name),
    strongest(isAnswer ? `Against ${place}` : "Pulls it down", ranked.slice(-SHOWN).reverse().filter(({ product }) => product < 0), name),
  );
  said.push(sides, total(terms, bias, sum));
  if (isAnswer) said.push(...shares(layer, asked));
  else said.push(ending(layer, found));
  return [...said, all(terms), more("As a formula", () => element("p", "formula", isAnswer
    ? "share of k = exp(zₖ) / Σ exp(zⱼ), with zₖ = bₖ + Σ xᵢ · wᵢₖ" : `y = ${layer.activation}(b + Σ xᵢ · wᵢ)`))];
}

function strongest(title, terms, name) {
  const side = element("div"), list = element("ol");
  side.append(element("h3", "", title), list);
  for (const { source, input, weight, product } of terms) {
    const line = element("li");
    line.append(element("b", "", signed(product)), ` = ${number(input)} × ${number(weight)} `, element("small", "", name(source)));
    list.append(line);
  }
  if (!terms.length) side.append(element("p", "", "Nothing."));
  return side;
}

// The weights of a neuron that sees the pixels themselves, as a picture.
function looksFor(terms, { more: good, less }) {
  const figure = element("figure"), canvas = Object.assign(element("canvas", "weights"), { width: 28, height: 28 });
  const context = canvas.getContext("2d"), pixels = context.createImageData(28, 28);
  const most = Math.max(...terms.map(({ weight }) => Math.abs(weight)));
  terms.forEach(({ weight }, at) => pixels.data.set([...(weight < 0 ? less : good), (255 * Math.abs(weight)) / most], 4 * at));
  context.putImageData(pixels, 0, 0);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "The weights as a picture: where ink pushes this neuron up, and where down");
  figure.append(canvas, element("figcaption", "", "What it looks for: ink in one colour pushes it up, in the other down."));
  return figure;
}

// Softmax in steps: the sums, their exponentials, each one's share of all of them.
function shares(layer, { network, outputs, index, picture, place, data }) {
  const input = index ? outputs[index - 1] : picture;
  const logits = Array.from({ length: layer.units }, (_, unit) =>
    layer.bias[unit] + input.reduce((all, value, at) => all + value * layer.kernel[at * layer.units + unit], 0));
  const parts = softmax(logits), table = element("table", "softmax"), head = element("tr");
  head.append(...["digit", "sum z", "exp(z)", "share"].map((words) => {
    const cell = element("th", "", words);
    cell.scope = "col";
    return cell;
  }));
  table.append(head);
  logits.forEach((logit, unit) => {
    const line = element("tr", unit === place ? "is-chosen" : ""), first = element("th", "", String(unit));
    first.scope = "row";
    first.style.setProperty("--colour", data.colours[unit]);
    line.append(first, element("td", "", logit.toFixed(2).replace("-", "−")), element("td", "", short(Math.exp(logit))), element("td", "", percent(parts[unit])));
    table.append(line);
  });
  const said = [element("p", "", "Softmax turns the ten sums into shares: each becomes e to its power, which makes large ones much larger; then each is divided by all ten together."), table];
  if (network.temperature !== 1) said.push(element("p", "small", `On Draw the sums are divided by ${network.temperature} first, the temperature, so that of the digits it is 90% sure of about 90% are right.`));
  return said;
}

function short(value) {
  if (value < 1000 && value >= 0.001) return value.toFixed(3);
  const [factor, power] = value.toExponential(1).split("e");
  return `${factor} × 10${[...power].map((sign) => ({ "+": "", "-": "⁻" })[sign] ?? "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign]).join("")}`;
}
