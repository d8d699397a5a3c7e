// Inside a network: the layers in a row with all their maps, which change while one draws, and what any one number is made of.

import { explain, windowOf, windowOfBlock } from "./network.js";
import { breaking } from "./breaking.js";
import { read, watch } from "./paper.js";
import { reader } from "./reader.js";
import { element, number, writeOut } from "./sums.js";
import { article, percent } from "./words.js";

const SIDE = 200; // pixels of the page that a layer's maps take, about
const LARGE = 240; // and the one map that is looked into
const PATIENCE = 120; // milliseconds between two looks at the sum while the maps change
const SWEEP = 60; // milliseconds that a sweep stays on a place
const TITLES = { convolution: "Convolution", pooling: "Pooling", dense: "Dense", flatten: "Flatten", dropout: "Dropout" };
const PICTURE = { name: "picture", kind: "picture", shape: [28, 28, 1] };

function titleOf(layer) {
  if (layer.kind === "picture") return "The picture";
  if (layer.name === "answer") return "The answer";
  return TITLES[layer.kind] ? `${TITLES[layer.kind]} ${layer.name.split("_").at(-1)}` : layer.name;
}

function describe(layer) {
  const { kind, shape, size } = layer;
  if (kind === "picture") return "28 × 28 pixels";
  if (kind === "convolution") return `${shape[2]} filters, each ${size} × ${size}`;
  if (kind === "pooling") return `the largest of each ${size} × ${size}`;
  if (kind === "flatten") return "all numbers in one row";
  if (kind === "dropout") return "does nothing while it reads";
  if (shape.length === 3) return `${shape[2]} maps`;
  return `${shape[0]} ${layer.name === "answer" ? "digits" : "neurons"}`;
}

// The maps of a layer side by side: how many in a row, and how many pixels of the page a number takes.
function gridOf({ shape }, room = SIDE) {
  const [height, width, count] = shape.length === 3 ? shape : [1, 1, shape[0]];
  const columns = Math.ceil(Math.sqrt(count)), rows = Math.ceil(count / columns), gap = count > 1 ? 1 : 0;
  const across = columns * (width + gap) - gap, down = rows * (height + gap) - gap;
  return { height, width, count, columns, gap, across, down, scale: Math.max(2, Math.floor(room / Math.max(across, down))) };
}

// Values as shades of ink; what is below 0 in the colour for that.
function shade(canvas, grid, values, { ink, less }, only = null) {
  const { height, width, count, columns, gap, across, down } = grid;
  let most = 1e-9;
  for (const value of values) most = Math.max(most, Math.abs(value));
  const context = canvas.getContext("2d"), pixels = context.createImageData(across, down), { data } = pixels;
  for (let channel = 0; channel < count; channel += 1) {
    const top = Math.floor(channel / columns) * (height + gap), left = (channel % columns) * (width + gap);
    for (let row = 0; row < height; row += 1) {
      for (let column = 0; column < width; column += 1) {
        const value = only === null ? values[(row * width + column) * count + channel]
          : values[(row * width + column) * only.of + only.channel];
        const at = 4 * ((top + row) * across + left + column), colour = value < 0 ? less : ink;
        data[at] = colour[0];
        data[at + 1] = colour[1];
        data[at + 2] = colour[2];
        data[at + 3] = 14 + (241 * Math.abs(value)) / most;
      }
    }
  }
  context.putImageData(pixels, 0, 0);
}

// Which numbers of the layers before a number comes from: of each layer, the picture last, its block and its map (null: all of
// them); none where it comes from everything.
export function windowsBack(network, index, place) {
  const found = [], layer = network.layers[index];
  if (layer.kind !== "convolution" && layer.kind !== "pooling") return found;
  let block = windowOf(layer, place), channel = layer.kind === "pooling" ? place % layer.shape[2] : null;
  found.push({ index: index - 1, block, channel });
  for (let before = index - 1; before >= 0; before -= 1) {
    block = windowOfBlock(network.layers[before], block);
    if (network.layers[before].kind === "convolution") channel = null;
    found.push({ index: before - 1, block, channel });
  }
  return found;
}

// root: the component's shadow root. file: the packed network's address, null where the browser cannot run it: then
// data.layers and data.outputs are the server's. digits: the address of the test digits for "Break it". Returns how to tell it of
// newer data, and how to stop.
export function look(root, file, digits, data) {
  const [inside, row, panel, state, now] = ["inside", "layers", "panel", "state", "now"].map((name) => root.querySelector(`.${name}`));
  const view = { network: null, picture: null, outputs: null, chosen: null, data };
  const [before, next, sweeping] = root.querySelectorAll(".steps button");
  let cards = [], steps = [], harming = null, due = null, sweep = null, isLive = false, isOwnChoice = false;

  const layerAt = (index) => (index < 0 ? PICTURE : view.network.layers[index]);
  const valuesAt = (index) => (index < 0 ? view.picture : view.outputs[index]);

  function build() {
    cards = [PICTURE, ...view.network.layers].map((layer, at) => {
      const card = element("section", "layer"), grid = gridOf(layer);
      card.append(element("h2", "", titleOf(layer)), element("p", "", describe(layer)));
      if (layer.kind === "flatten" || layer.kind === "dropout") card.classList.add("is-narrow");
      else if (layer.name === "answer" && layer.shape[0] === 10) card.append(barsOf(at - 1));
      else card.append(mapsOf(grid, at - 1, `${titleOf(layer)}, ${describe(layer)}. The arrow keys move the chosen number.`));
      return { card, grid, index: at - 1, bars: card.querySelector(".bars"), canvas: card.querySelector(".maps"), marks: card.querySelector(".marks") };
    });
    steps = cards.filter(({ card }) => !card.classList.contains("is-narrow")).map(({ index }) => index);
    row.replaceChildren(...cards.map(({ card }) => card));
  }

  // The answer: a bar for each digit, which can be chosen as any number can.
  function barsOf(index) {
    const bars = element("div", "bars");
    view.data.colours.forEach((colour, digit) => {
      const bar = element("button", "bar");
      bar.type = "button";
      bar.append(element("span", "name", String(digit)), element("span", "track"), element("span", "share"));
      bar.children[1].append(element("i"));
      bar.style.setProperty("--colour", colour);
      bar.onclick = () => pick(index, digit, 0, 0);
      bars.append(bar);
    });
    return bars;
  }

  function drawBars(bars, values) {
    [...bars.children].forEach((bar, digit) => {
      bar.querySelector("i").style.width = `${100 * values[digit]}%`;
      bar.querySelector(".share").textContent = percent(values[digit]);
    });
  }

  function mapsOf(grid, index, words) {
    const frame = element("div", "frame"), maps = element("canvas", "maps"), marks = element("canvas", "marks");
    Object.assign(maps, { width: grid.across, height: grid.down, tabIndex: 0 });
    maps.setAttribute("role", "img");
    maps.setAttribute("aria-label", words);
    marks.setAttribute("aria-hidden", "true");
    frame.style.width = `${grid.across * grid.scale}px`;
    frame.style.height = `${grid.down * grid.scale}px`;
    Object.assign(marks, { width: grid.across * grid.scale, height: grid.down * grid.scale });
    frame.append(maps, marks);
    frame.onclick = (event) => {
      const box = frame.getBoundingClientRect();
      const x = Math.floor(((event.clientX - box.left) / box.width) * grid.across);
      const y = Math.floor(((event.clientY - box.top) / box.height) * grid.down);
      const column = Math.floor(x / (grid.width + grid.gap)), line = Math.floor(y / (grid.height + grid.gap));
      const channel = Math.min(grid.count - 1, line * grid.columns + column);
      pick(index, channel, Math.min(grid.height - 1, y % (grid.height + grid.gap)), Math.min(grid.width - 1, x % (grid.width + grid.gap)));
    };
    maps.onkeydown = (event) => moveByKey(event, index, grid);
    return frame;
  }

  function moveByKey(event, index, grid) {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const now = view.chosen?.index === index ? view.chosen : { index, channel: 0, row: 0, column: 0 };
    if (grid.height === 1 && grid.width === 1) {
      const channel = now.channel + step[0] * grid.columns + step[1];
      if (channel >= 0 && channel < grid.count) pick(index, channel, 0, 0);
      return;
    }
    pick(index, now.channel, Math.min(grid.height - 1, Math.max(0, now.row + step[0])),
      Math.min(grid.width - 1, Math.max(0, now.column + step[1])));
  }

  // Somebody's own choice, which stays when the picture changes.
  function pick(...chosen) {
    halt();
    isOwnChoice = true;
    choose(...chosen);
  }

  function choose(index, channel, line, column) {
    view.chosen = { index, channel, row: line, column };
    mark();
    write();
  }

  const placeOf = ({ index, channel, row: line, column }) => {
    const { width, count } = gridOf(layerAt(index));
    return (line * width + column) * count + channel;
  };

  // The number of a layer that says most, to begin with.
  function strongest(index) {
    const values = valuesAt(index), { width, count } = gridOf(layerAt(index));
    const place = values.reduce((best, value, at) => (value > values[best] ? at : best), 0), spot = Math.floor(place / count);
    return { index, channel: place % count, row: Math.floor(spot / width), column: spot % width };
  }

  function draw(shares) {
    for (const { canvas, bars, grid, index } of cards) {
      if (canvas) shade(canvas, grid, valuesAt(index), view.data);
      if (bars) drawBars(bars, valuesAt(index));
    }
    const best = shares.indexOf(Math.max(...shares));
    Object.assign(inside.dataset, { digit: best, confidence: shares[best].toFixed(4) });
    state.setAttribute("aria-live", isLive ? "off" : "polite"); // not each moment of a stroke is read out
    const said = `${article(best)}, ${percent(shares[best])} sure.`;
    state.textContent = `It reads ${said} ${view.network.isHarmed ? "But it is harmed: see “Break it” below." : "Choose any number of any map to see how it is made."}`;
    now.textContent = `This digit: ${said}`;
  }

  function outline(marks, grid, [top, left, bottom, right], channel, style) {
    const context = marks.getContext("2d"), { scale, width, height, gap, columns, count } = grid;
    context.strokeStyle = style;
    context.lineWidth = 2;
    for (let one = 0; one < count; one += 1) {
      if (channel !== null && one !== channel) continue;
      const x = ((one % columns) * (width + gap) + left) * scale, y = (Math.floor(one / columns) * (height + gap) + top) * scale;
      context.strokeRect(x - 1, y - 1, (right - left) * scale + 2, (bottom - top) * scale + 2);
    }
  }

  function mark() {
    for (const { marks } of cards) marks?.getContext("2d").clearRect(0, 0, marks.width, marks.height);
    for (const bar of root.querySelectorAll(".bar")) bar.removeAttribute("aria-current");
    if (!view.chosen) return;
    const { index, channel, row: line, column } = view.chosen, style = getComputedStyle(row);
    const bright = style.getPropertyValue("--mark"), { marks, grid } = cards[index + 1];
    cards[index + 1].bars?.children[channel].setAttribute("aria-current", "true");
    if (marks) outline(marks, grid, [line, column, line + 1, column + 1], channel, bright);
    if (index < 0 || !file) return;
    for (const found of windowsBack(view.network, index, placeOf(view.chosen))) {
      const card = cards[found.index + 1];
      if (card.marks) outline(card.marks, card.grid, found.block, found.channel, bright);
    }
  }

  function write() {
    clearTimeout(due);
    due = null;
    const { index, channel, row: line, column } = view.chosen, layer = layerAt(index), place = placeOf(view.chosen);
    const value = valuesAt(index)[place], isMap = layer.shape.length === 3;
    const where = isMap ? `${layer.shape[2] > 1 ? `map ${channel + 1} of ${layer.shape[2]}, ` : ""}row ${line + 1}, column ${column + 1}`
      : layer.name === "answer" ? `digit ${channel}` : `neuron ${channel + 1} of ${layer.shape[0]}`;
    const head = element("div", "head");
    const title = element("h2", "", `${titleOf(layer)}, ${where}`), output = element("output", "value", number(value));
    output.dataset.value = value;
    head.append(title, output);
    const body = element("div", "body");
    if (isMap) body.append(large(layer, index, channel));
    offer();
    panel.replaceChildren(head, body);
    if (index < 0) body.append(element("p", "", "A pixel: 0 is paper, 1 is full ink. This is where the network begins."));
    else if (!file) body.append(element("p", "", "The server computed this number. This model has layers that can't be written out here."));
    else {
      const found = explain(view.network, view.picture, view.outputs, index, place);
      body.append(writeOut({ network: view.network, picture: view.picture, outputs: view.outputs, index, place, found, data: view.data }));
    }
  }

  // The chosen map once more, so large that a thumb hits one number of it.
  function large(layer, index, channel) {
    const whole = gridOf(layer), one = gridOf({ shape: [layer.shape[0], layer.shape[1], 1] }, LARGE);
    const frame = mapsOf({ ...one }, index, `The chosen map. ${describe(layer)}. The arrow keys move the chosen number.`);
    const [canvas, marks] = frame.children, { row: line, column } = view.chosen;
    shade(canvas, one, valuesAt(index), view.data, { channel, of: whole.count });
    outline(marks, one, [line, column, line + 1, column + 1], null, getComputedStyle(row).getPropertyValue("--mark"));
    frame.onclick = (event) => {
      const box = frame.getBoundingClientRect();
      pick(index, channel, Math.min(one.height - 1, Math.floor(((event.clientY - box.top) / box.height) * one.height)),
        Math.min(one.width - 1, Math.floor(((event.clientX - box.left) / box.width) * one.width)));
    };
    canvas.onkeydown = (event) => {
      moveByKey(event, index, { ...whole, count: whole.count });
      panel.querySelector("canvas")?.focus();
    };
    frame.classList.add("large");
    return frame;
  }

  // Which steps there are from the chosen number on.
  function offer() {
    const { index } = view.chosen, at = steps.indexOf(index);
    before.disabled = at <= 0;
    next.disabled = at === steps.length - 1;
    before.onclick = () => move(steps[at - 1]);
    next.onclick = () => move(steps[at + 1]);
    const canBreak = layerAt(index).kernel && index < view.network.layers.length - 1;
    harming?.choose(canBreak ? switchOf(view.chosen) : null);
    sweeping.hidden = !file || layerAt(index).kind !== "convolution";
    sweeping.textContent = sweep ? "Stop" : "Sweep over the map";
    sweeping.onclick = () => (sweep ? stopAndWrite() : start(layerAt(index), index));
  }

  // What of the chosen layer can be switched off.
  function switchOf({ index, channel }) {
    const layer = layerAt(index), isMap = layer.shape.length === 3, count = layer.bias.length;
    return { index, unit: channel, count, name: `${isMap ? "filter" : "neuron"} ${channel + 1} of ${titleOf(layer)}`, layer: titleOf(layer) };
  }

  function move(index) {
    const { channel, row: line, column } = strongest(index);
    pick(index, channel, line, column);
    cards[index + 1].card.scrollIntoView({ block: "nearest", inline: "center" });
  }

  function stopAndWrite() {
    halt();
    write();
  }

  function halt() {
    clearInterval(sweep);
    sweep = null;
  }

  // The filter goes over the picture, as one imagines it; the network does all places at once.
  function start(layer, index) {
    const { channel } = view.chosen, [height, width] = layer.shape;
    let at = 0;
    isOwnChoice = true;
    sweep = setInterval(() => {
      if (at >= height * width) stopAndWrite();
      else choose(index, channel, Math.floor(at / width), at % width);
      at += 1;
    }, SWEEP);
  }

  function show(picture, outputs, shares) {
    Object.assign(view, { picture, outputs });
    inside.classList.toggle("is-empty", !picture);
    if (!picture) {
      halt();
      state.textContent = "Draw a digit on the paper: its way through the network appears here, while you draw.";
      return;
    }
    if (!cards.length) build();
    draw(shares);
    if (!isOwnChoice) view.chosen = strongest(steps[1]);
    mark();
    if (!isLive) write();
    else due ??= setTimeout(write, PATIENCE);
  }

  const engine = file ? reader(file, ({ picture, outputs, shares }) => { if (picture || !isLive) show(picture, outputs, shares); }) : null;
  engine?.ready.then((whole) => {
    view.network = whole;
    harming = breaking(root, [file, digits], (harm) => {
      view.network = engine.tell(harm);
      if (view.picture) engine.ask(() => ({ picture: view.picture, wantsLayers: true }));
    });
  }).catch(() => { state.textContent = "The network could not be loaded. Load the page again."; });

  const unwatch = watch({
    began() { isLive = true; },
    moved() {
      if (view.data.isDrawing) engine?.ask(() => {
        const paper = read();
        return paper && { ...paper, wantsLayers: true };
      });
    },
    ended() { isLive = false; },
  });

  function update(newer) {
    view.data = newer;
    if (isLive) return; // what the pen draws now is newer than what the server knows
    if (!newer.picture) show(null, null, null);
    else if (engine) engine.ask(() => ({ picture: floats(newer.picture), wantsLayers: true }));
    else {
      const all = floats(newer.outputs);
      let at = 0;
      view.network = { layers: newer.layers };
      const outputs = newer.layers.map(({ shape }) => all.subarray(at, (at += shape.reduce((count, side) => count * side, 1))));
      show(floats(newer.picture), outputs, outputs.at(-1));
    }
  }

  update(data);
  return {
    update,
    stop() {
      halt();
      clearTimeout(due);
      unwatch();
      harming?.stop();
      engine?.stop();
    },
  };
}

function floats(text) {
  return new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
}

