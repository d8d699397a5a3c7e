// The way of a drawing from the paper to 28 x 28 pixels, as digit_core/preprocessing/normalization.py goes it: specks out, ink cropped,
// thin strokes thickened, the longer side fitted to 20 pixels, the centre of mass moved to the middle. The steps and their
// figures are explained there; tests/browser/test_lab.py holds the two together.
// A picture here is { values, height, width }, 0 to 1, ink is 1.

export const SIDE = 28;
const FITTED_SIDE = 20, MIN_STROKE = 1.5, FINE_SIDE = 160;
const CORE_INK = 0.5, EDGE_INK = 0.1, MIN_SHARE = 0.04, JOINING_GAP = 0.02;
const FRAME_CONTACT = 0.3, FRAME_SHARE = 0.7, RIM = 0.08;

const blank = (height, width) => ({ values: new Float32Array(height * width), height, width });
const clipped = (value, low, high) => Math.min(high, Math.max(low, value));

// Halves go to the even side, as in Python.
function rounded(value) {
  const below = Math.floor(value), rest = value - below;
  if (rest !== 0.5) return rest > 0.5 ? below + 1 : below;
  return below % 2 === 0 ? below : below + 1;
}

// RGBA of a drawing on a transparent ground: Float32Array of 784; null where there is no ink.
export function fromCanvas(rgba, height, width) {
  const ink = blank(height, width), { values } = ink;
  for (let place = 0; place < values.length; place += 1) values[place] = rgba[4 * place + 3] / 255;
  const box = boxOf(ink, [0, 0, height, width]);
  const kept = box && withoutSpecks(ink, box);
  const within = kept && boxOf(kept, box);
  return within ? centred(fitted(cut(kept, within))) : null;
}

// Top, left, bottom, right of the ink within a box that holds all of it; bottom and right are the first ones outside.
function boxOf({ values, height, width }, [from, first, to, last]) {
  let top = height, left = width, bottom = 0, right = 0;
  for (let row = from; row < to; row += 1) {
    for (let column = first; column < last; column += 1) {
      if (values[row * width + column] === 0) continue;
      if (row < top) top = row;
      bottom = row + 1;
      if (column < left) left = column;
      if (column >= right) right = column + 1;
    }
  }
  return bottom ? [top, left, bottom, right] : null;
}

function cut(picture, [top, left, bottom, right]) {
  const part = blank(bottom - top, right - left);
  for (let row = top; row < bottom; row += 1) {
    const start = row * picture.width;
    part.values.set(picture.values.subarray(start + left, start + right), (row - top) * part.width);
  }
  return part;
}

function withoutSpecks(ink, box) {
  const { values, height, width } = ink, [top, left, bottom, right] = box;
  const { pieces, count } = piecesOf(ink, box);
  const core = new Float64Array(count + 1), mass = new Float64Array(count + 1);
  for (let row = top; row < bottom; row += 1) {
    for (let place = row * width + left; place < row * width + right; place += 1) {
      if (values[place] > CORE_INK) core[pieces[place]] += 1;
      mass[pieces[place]] += values[place];
    }
  }
  mass[0] = 0;
  for (let piece = 1; piece <= count; piece += 1) if (!core[piece]) mass[piece] = 0;
  for (let piece = 1; piece <= count; piece += 1) {
    if (mass[piece] && mass.filter(Boolean).length > 1 && isFrame(ink, pieces, piece)) mass[piece] = 0;
  }
  const most = Math.max(...mass);
  if (!most) return null;
  const kept = blank(height, width);
  for (let row = top; row < bottom; row += 1) {
    for (let place = row * width + left; place < row * width + right; place += 1) {
      if (values[place] > EDGE_INK && mass[pieces[place]] >= MIN_SHARE * most) kept.values[place] = values[place];
    }
  }
  return kept;
}

// The number of the piece that each pixel belongs to, 0 for none: what lies nearer together than the gap is one piece.
function piecesOf({ values, height, width }, [top, left, bottom, right]) {
  const gap = rounded(JOINING_GAP * Math.max(height, width));
  const first = Math.max(0, left - gap), last = Math.min(width, right + gap);
  const high = Math.max(0, top - gap), low = Math.min(height, bottom + gap);
  const spread = new Uint8Array(height * width), joined = new Uint8Array(height * width);
  for (let row = top; row < bottom; row += 1) {
    const start = row * width;
    for (let column = left, done = first; column < right; column += 1) {
      if (values[start + column] <= EDGE_INK) continue;
      const end = Math.min(last, column + gap + 1);
      for (done = Math.max(done, column - gap); done < end; done += 1) spread[start + done] = 1;
    }
  }
  const until = new Int32Array(width).fill(-1); // the row to which the ink met so far reaches down each column
  for (let row = high; row < low; row += 1) {
    const ahead = row + gap;
    for (let column = first; column < last; column += 1) {
      if (ahead < height && spread[ahead * width + column]) until[column] = ahead + gap;
      if (row === high) { // what lies less than the gap below the first row
        for (let near = row; near < Math.min(height, ahead); near += 1) {
          if (spread[near * width + column]) until[column] = Math.max(until[column], near + gap);
        }
      }
      if (until[column] >= row) joined[row * width + column] = 1;
    }
  }
  const pieces = new Int32Array(height * width), stack = [];
  let count = 0;
  for (let row = high; row < low; row += 1) {
    for (let start = row * width + first; start < row * width + last; start += 1) {
      if (!joined[start] || pieces[start]) continue;
      count += 1;
      pieces[start] = count;
      stack.push(start);
      while (stack.length) flood(stack, joined, pieces, count, width);
    }
  }
  return { pieces, count };
}

// Takes one pixel off the stack and puts those of its eight neighbours there that are reached for the first time.
function flood(stack, joined, pieces, count, width) {
  const place = stack.pop(), column = place % width;
  const from = column ? -1 : 0, to = column < width - 1 ? 1 : 0;
  for (let row = place - width; row <= place + width; row += width) {
    for (let next = row + from; next <= row + to; next += 1) {
      if (!joined[next] || pieces[next]) continue; // beyond the first and the last row there is nothing
      pieces[next] = count;
      stack.push(next);
    }
  }
}

function isFrame({ values, height, width }, pieces, piece) {
  const rim = Math.max(1, rounded(RIM * Math.min(height, width)));
  let touching = 0, inner = 0, total = 0;
  for (let row = 0, place = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1, place += 1) {
      if (pieces[place] !== piece) continue;
      const value = values[place], isEdge = (row === 0) + (row === height - 1) + (column === 0) + (column === width - 1);
      if (value > EDGE_INK) touching += isEdge; // a corner lies on two edges
      total += value;
      if (row >= rim && row < height - rim && column >= rim && column < width - rim) inner += value;
    }
  }
  return touching / (2 * (height + width)) >= FRAME_CONTACT && inner < (1 - FRAME_SHARE) * total;
}

// Four times the mean distance of the ink from its edge, by the steps of a 5 x 5 mask (Borgefors, 1986), as OpenCV measures it.
function strokeWidth({ values, height, width }) {
  const wide = width + 4, distances = new Float32Array((height + 4) * wide), inks = new Int32Array(height * width);
  let count = 0;
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      if (values[row * width + column] <= CORE_INK) continue;
      const place = (row + 2) * wide + column + 2;
      inks[count] = place;
      distances[place] = 1e9;
      count += 1;
    }
  }
  if (!count) return 1;
  for (let number = 0; number < count; number += 1) shorten(distances, inks[number], -1, -wide);
  let total = 0;
  for (let number = count - 1; number >= 0; number -= 1) {
    shorten(distances, inks[number], 1, wide);
    total += distances[inks[number]];
  }
  return Math.max(1, 4 * (total / count - 0.5));
}

// The way over the neighbours on one side, where that is shorter.
function shorten(distances, place, step, row) {
  const straight = Math.min(distances[place + step], distances[place + row]) + 1;
  const diagonal = Math.min(distances[place + row - 1], distances[place + row + 1]) + 1.4;
  const knight = 2.1969 + Math.min(distances[place + 2 * row - 1], distances[place + 2 * row + 1],
    distances[place + row - 2], distances[place + row + 2]);
  distances[place] = Math.min(distances[place], straight, diagonal, knight);
}

function fitted(crop) {
  const longest = Math.max(crop.height, crop.width);
  const shape = (strokeWidth(crop) * FITTED_SIDE) / longest < MIN_STROKE ? thickened(crop) : crop;
  const scale = FITTED_SIDE / Math.max(shape.height, shape.width);
  const [height, width] = [shape.height, shape.width].map((side) => Math.max(1, rounded(side * scale)));
  const small = resized(shape, height, width, scale < 1 ? areas : cubics);
  const most = Math.max(0.25, ...small.values);
  small.values.forEach((value, place) => { small.values[place] = clipped(value / most, 0, 1); });
  return small;
}

function thickened(crop) {
  let fine = crop;
  const longest = Math.max(crop.height, crop.width);
  if (longest < FINE_SIDE) {
    const [height, width] = [crop.height, crop.width].map((side) => rounded((side * FINE_SIDE) / longest));
    fine = resized(crop, height, width, cubics);
  }
  const wanted = (MIN_STROKE * Math.max(fine.height, fine.width)) / FITTED_SIDE;
  const radius = Math.max(1, rounded((wanted - strokeWidth(fine)) / 2));
  const thick = blank(fine.height + 2 * radius, fine.width + 2 * radius);
  for (let row = 0, place = 0; row < fine.height; row += 1) {
    for (let column = 0; column < fine.width; column += 1, place += 1) {
      const value = fine.values[place];
      if (!value) continue;
      for (let y = -radius; y <= radius; y += 1) {
        const reach = rounded(Math.sqrt(radius * radius - y * y)), middle = (row + radius + y) * thick.width + column + radius;
        for (let at = middle - reach; at <= middle + reach; at += 1) if (thick.values[at] < value) thick.values[at] = value;
      }
    }
  }
  return thick;
}

// Each axis by itself: which pixels make a new one, and with which weights.
function resized(picture, height, width, weigh) {
  const across = blank(picture.height, width), found = blank(height, width);
  weigh(picture.width, width).forEach((parts, column) => {
    for (let row = 0; row < picture.height; row += 1) {
      let sum = 0;
      for (const [source, weight] of parts) sum += picture.values[row * picture.width + source] * weight;
      across.values[row * width + column] = sum;
    }
  });
  weigh(picture.height, height).forEach((parts, row) => {
    for (let column = 0; column < width; column += 1) {
      let sum = 0;
      for (const [source, weight] of parts) sum += across.values[source * width + column] * weight;
      found.values[row * width + column] = clipped(sum, 0, 1);
    }
  });
  return found;
}

// To fewer pixels: the mean of what each covers.
function areas(from, to) {
  const scale = from / to;
  return Array.from({ length: to }, (_, place) => {
    const start = place * scale, end = Math.min(from, start + scale), parts = [];
    for (let source = Math.floor(start + 1e-3); source < end - 1e-3; source += 1) {
      parts.push([source, (Math.min(end, source + 1) - Math.max(start, source)) / (end - start)]);
    }
    return parts;
  });
}

// To more pixels: cubic convolution (Keys, 1981) with OpenCV's -0.75.
function cubics(from, to) {
  const a = -0.75, scale = from / to;
  const near = (x) => ((a + 2) * x - (a + 3)) * x * x + 1, off = (x) => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return Array.from({ length: to }, (_, place) => {
    const middle = (place + 0.5) * scale - 0.5, first = Math.floor(middle), rest = middle - first;
    return [off(rest + 1), near(rest), near(1 - rest), off(2 - rest)].map((weight, step) =>
      [clipped(first - 1 + step, 0, from - 1), weight]);
  });
}

function centred({ values, height, width }) {
  let total = 0, down = 0, across = 0;
  for (let row = 0, place = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1, place += 1) {
      total += values[place];
      down += values[place] * row;
      across += values[place] * column;
    }
  }
  const top = clipped(rounded(SIDE / 2 - down / total), 0, SIDE - height);
  const left = clipped(rounded(SIDE / 2 - across / total), 0, SIDE - width);
  const image = new Float32Array(SIDE * SIDE);
  for (let row = 0; row < height; row += 1) {
    image.set(values.subarray(row * width, (row + 1) * width), (top + row) * SIDE + left);
  }
  return image;
}
