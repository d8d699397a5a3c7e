// Numbers in words, as the server says them.

// As figures.percent: never rounded to 0% or 100%.
export function percent(share) {
  if (share > 0.999) return "> 99.9%";
  return share < 0.001 ? "< 0.1%" : `${(100 * share).toFixed(1)}%`;
}

// A digit with its article.
export function article(digit) {
  return `${digit === 8 ? "an" : "a"} ${digit}`;
}
