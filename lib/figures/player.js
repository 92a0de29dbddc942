// deno-lint-ignore-file no-unused-vars -- the player's files are one script
// The player of a run: what it knows, and the picture. create_player.ts puts it into a page of its own, with the run as
// deflated JSON; it needs nothing else.
const byId = (id) => document.getElementById(id);

/** Bytes from base64 of deflated bytes. */
async function unpack(base64) {
  const packed = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const run = JSON.parse(new TextDecoder().decode(await unpack(byId("run").textContent)));
const stage = byId("stage"), pen = stage.getContext("2d");
const { rows, columns, frames, framesAcross } = run.grid, { width: tokensAcross } = run.patchTokens;
const across = framesAcross * (columns + 1) - 1, down = Math.ceil(frames / framesAcross) * (rows + 1) - 1;
const numSteps = run.steps.length, numTokens = run.patchTokens.height * tokensAcross;
const stepOf = new Int32Array(rows * columns * frames).fill(-1);
run.steps.forEach(({ patch }, step) => stepOf[patch] = step);
const state = { time: numSteps, view: "picture", zoom: 1, token: undefined, layer: "mean", head: "mean" };
const images = [...document.querySelectorAll("#frames img")];
const tiles = run.tiles && Object.assign(new Image(), { src: run.tiles.source });
let cell = 40, hovered;

const ORANGE = "#ff7f0e", CYAN = "#00d5ff", PINK = "#ff00c8";
const VIRIDIS = ["#440154", "#414487", "#2a788e", "#22a884", "#7ad151", "#fde725"];
const MAGMA = ["#150e37", "#641a80", "#b73779", "#f7705c", "#fecf92", "#fcfdbf"];
const AMBER = ["#1a1206", "#7a4a00", "#c97800", "#ffa200", "#ffc93c", "#fff3b0"];

/** The colour of a scale at `t` from 0 to 1, as [r, g, b]. */
function colorAt(scale, t) {
  const at = Math.min(0.9999, Math.max(0, t)) * (scale.length - 1), low = Math.floor(at);
  const channel = (color, i) => parseInt(color.slice(1 + 2 * i, 3 + 2 * i), 16);
  return [0, 1, 2].map((i) => {
    const from = channel(scale[low], i);
    return Math.round(from + (channel(scale[low + 1], i) - from) * (at - low));
  });
}

/** Where a patch lies on the stage, in cells. */
function placeOf(patch) {
  const frame = Math.floor(patch / (rows * columns)), rest = patch % (rows * columns);
  const row = Math.floor(rest / columns), column = rest % columns;
  return {
    frame,
    row,
    column,
    x: (frame % framesAcross) * (columns + 1) + column,
    y: Math.floor(frame / framesAcross) * (rows + 1) + row,
  };
}

/** The token at a place on the stage, in cells; undefined between frames. */
function tokenAt(x, y) {
  const frame = Math.floor(y / (rows + 1)) * framesAcross + Math.floor(x / (columns + 1));
  const row = Math.floor(y % (rows + 1)), column = Math.floor(x % (columns + 1));
  if (x < 0 || y < 0 || row >= rows || column >= columns || frame >= frames || x >= across) return undefined;
  const token = Math.floor(y % 1 * run.patchTokens.height) * tokensAcross + Math.floor(x % 1 * tokensAcross);
  return { patch: (frame * rows + row) * columns + column, token };
}

/** Where a token lies, in cells. */
function placeOfToken({ patch, token }) {
  const { x, y } = placeOf(patch), width = 1 / tokensAcross, height = 1 / run.patchTokens.height;
  return {
    x: x + (token % tokensAcross) * width,
    y: y + Math.floor(token / tokensAcross) * height,
    width,
    height,
  };
}

/** What a patch is while the newest one is being made. */
function roleOf(patch) {
  const now = state.time - 1, birth = stepOf[patch];
  if (birth === now && now >= 0) return "now";
  if (birth > now) return "to come";
  return run.lastUse[patch] >= Math.max(now, 0) ? "pool" : "dropped";
}

function resize() {
  const ratio = devicePixelRatio || 1;
  const fit = Math.min(byId("scroll").clientWidth / across, Math.max(240, innerHeight * 0.66) / down);
  const largest = 8192 / ratio / Math.max(across, down); // what browsers draw without trouble
  cell = Math.min(largest, Math.max(4, fit) * state.zoom);
  stage.style.width = `${across * cell}px`;
  stage.style.height = `${down * cell}px`;
  stage.width = Math.round(across * cell * ratio);
  stage.height = Math.round(down * cell * ratio);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  draw();
}

function draw() {
  pen.clearRect(0, 0, across * cell, down * cell);
  for (let patch = 0; patch < stepOf.length; patch++) drawPatch(patch);
  if (state.token === undefined) { for (let patch = 0; patch < stepOf.length; patch++) drawView(patch); }
  const newest = run.steps[state.time - 1];
  if (state.token !== undefined) drawAttention();
  else if (newest !== undefined && state.time < numSteps) {
    const thick = Math.max(1.5, cell / 24);
    for (const patch of newest.context) outline(placeOf(patch), "#ffffff", thick, 0.06);
    outline(placeOf(newest.patch), ORANGE, thick * 1.2, 0.03);
  }
  if (hovered !== undefined) frameToken(hovered, "rgba(255,255,255,0.9)", 1);
  drawMap();
  drawChart();
  describe();
}

function drawPatch(patch) {
  const { frame, row, column, x, y } = placeOf(patch), role = roleOf(patch), image = images[frame];
  const [left, top, side] = [x * cell, y * cell, cell];
  if (role === "to come") {
    pen.fillStyle = "rgba(128,128,128,0.16)";
    pen.fillRect(left + 0.5, top + 0.5, side - 1, side - 1);
    return;
  }
  if (image?.complete && image.naturalWidth > 0) {
    const w = image.naturalWidth / columns, h = image.naturalHeight / rows;
    pen.drawImage(image, column * w, row * h, w, h, left, top, side + 0.3, side + 0.3);
  } else {
    pen.fillStyle = "#5d6b78";
    pen.fillRect(left, top, side, side);
  }
}

/** What the chosen view puts over a patch. */
function drawView(patch) {
  const { x, y } = placeOf(patch), role = roleOf(patch), left = x * cell, top = y * cell;
  if (role === "to come") return;
  if (state.view === "order") drawNumber(patch, left, top);
  if (state.view === "pool" && role === "dropped") {
    pen.fillStyle = "rgba(20,22,26,0.82)";
    pen.fillRect(left, top, cell, cell);
  }
  if (state.view === "surprise") drawSurprise(patch, left, top);
}

function drawNumber(patch, left, top) {
  const step = stepOf[patch];
  const color = step < 0 ? [138, 143, 152] : colorAt(VIRIDIS, step / Math.max(1, numSteps - 1));
  pen.fillStyle = `rgba(${color},0.72)`;
  pen.fillRect(left, top, cell - 0.5, cell - 0.5);
  if (cell < 17) return;
  write(step < 0 ? "known" : String(step + 1), left + cell / 2, top + cell / 2, {
    size: Math.min(15, cell * 0.36),
    color: color[0] * 0.3 + color[1] * 0.59 + color[2] * 0.11 > 140 ? "#111" : "#fff",
  });
}

function write(text, x, y, { size, color, align = "center" }) {
  pen.fillStyle = color;
  pen.font = `${size}px system-ui, sans-serif`;
  pen.textAlign = align;
  pen.textBaseline = "middle";
  pen.fillText(text, x, y);
}

function drawSurprise(patch, left, top) {
  const bits = run.statistics[patch]?.surprise;
  if (bits === undefined) return;
  const w = cell / tokensAcross, h = cell / run.patchTokens.height;
  bits.forEach((value, token) => {
    pen.fillStyle = value === null ? PINK : `rgba(${colorAt(MAGMA, value / run.mostSurprise)},0.8)`;
    pen.fillRect(
      left + (token % tokensAcross) * w,
      top + Math.floor(token / tokensAcross) * h,
      w + 0.3,
      h + 0.3,
    );
  });
}

function outline({ x, y }, color, thick, inset) {
  const gap = inset * cell + thick / 2;
  pen.strokeStyle = color;
  pen.lineWidth = thick;
  pen.strokeRect(x * cell + gap, y * cell + gap, cell - 2 * gap, cell - 2 * gap);
}

/** A frame around a token, with a dark one around it: to be seen on any picture. */
function frameToken(token, color, thick) {
  const { x, y, width, height } = placeOfToken(token);
  for (const [style, line] of [["rgba(0,0,0,0.75)", thick + 2], [color, thick]]) {
    pen.strokeStyle = style;
    pen.lineWidth = line;
    pen.strokeRect(x * cell - 1, y * cell - 1, width * cell + 2, height * cell + 2);
  }
}

/** The chosen token: where it looked lights up, the rest is dim. */
function drawAttention() {
  const seen = attentionOf(state.token), own = state.token.patch;
  if (seen !== undefined) {
    pen.fillStyle = "rgba(8,9,11,0.6)";
    pen.fillRect(0, 0, across * cell, down * cell);
    forEachKey(seen, (key, weight) => {
      const t = Math.sqrt(weight / seen.most), { x, y, width, height } = placeOfToken(key);
      if (Number.isNaN(weight)) pen.fillStyle = PINK;
      else if (t < 0.06) return;
      else pen.fillStyle = `rgba(${colorAt(AMBER, 0.3 + 0.7 * t)},${0.12 + 0.83 * t})`;
      pen.fillRect(x * cell, y * cell, width * cell + 0.3, height * cell + 0.3);
    });
    for (const key of seen.keys) outline(placeOf(key), "rgba(255,255,255,0.4)", 1, 0);
    if (cell >= 30) drawShares(seen);
  }
  outline(placeOf(own), ORANGE, 2, 0);
  frameToken(state.token, CYAN, 2);
}

/** How much of the attention each patch got. */
function drawShares({ keys, shares }) {
  keys.forEach((key, i) => {
    const { x, y } = placeOf(key), text = sayShare(shares[i]);
    pen.font = "11px system-ui, sans-serif";
    const width = pen.measureText(text).width + 6;
    pen.fillStyle = "rgba(0,0,0,0.7)";
    pen.fillRect(x * cell + 2, y * cell + 2, width, 15);
    write(text, x * cell + 5, y * cell + 10, { size: 11, color: "#fff", align: "left" });
  });
}
