// deno-lint-ignore-file no-unused-vars -- player.js and player_panels.js are one script
// The player of a run. create_player.ts puts it into a page of its own, with the run as JSON; it needs nothing else.
const run = JSON.parse(document.getElementById("run").textContent);
const byId = (id) => document.getElementById(id);
const stage = byId("stage"), pen = stage.getContext("2d");
const { rows, columns, frames, framesAcross } = run.grid;
const across = framesAcross * (columns + 1) - 1, down = Math.ceil(frames / framesAcross) * (rows + 1) - 1;
const numSteps = run.steps.length, numTokens = run.patchTokens.height * run.patchTokens.width;
const stepOf = new Int32Array(rows * columns * frames).fill(-1);
run.steps.forEach(({ patch }, step) => stepOf[patch] = step);
const state = { time: numSteps, view: "picture", token: undefined, layer: 0, timer: undefined };
const images = run.pictures.map((source) => Object.assign(new Image(), { src: source }));
const tiles = run.tiles && Object.assign(new Image(), { src: run.tiles.source });
let cell = 40;

/** Where a patch lies on the stage, in cells. */
function placeOf(patch) {
  const frame = Math.floor(patch / (rows * columns)), rest = patch % (rows * columns);
  return {
    frame,
    row: Math.floor(rest / columns),
    column: rest % columns,
    x: (frame % framesAcross) * (columns + 1) + rest % columns,
    y: Math.floor(frame / framesAcross) * (rows + 1) + Math.floor(rest / columns),
  };
}

/** A patch in words. */
function sayPatch(patch) {
  const { frame, row, column } = placeOf(patch);
  return `${frames > 1 ? `frame ${frame + 1}, ` : ""}row ${row + 1}, column ${column + 1}`;
}

/** What a patch is while the newest one is being made: known or finished, in the pool, dropped, or still to come. */
function roleOf(patch) {
  const now = state.time - 1, birth = stepOf[patch];
  if (birth === now && now >= 0) return "now";
  if (birth > now) return "to come";
  return run.lastUse[patch] >= Math.max(now, 0) ? "pool" : "dropped";
}

function resize() {
  const width = byId("scroll").clientWidth, ratio = devicePixelRatio || 1;
  cell = Math.max(12, Math.min(width / across, innerHeight * 0.68 / down));
  stage.style.width = `${across * cell}px`;
  stage.style.height = `${down * cell}px`;
  stage.width = Math.round(across * cell * ratio);
  stage.height = Math.round(down * cell * ratio);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  draw();
}

/** From dark blue over green to yellow. */
function viridis(t) {
  const stops = [[68, 1, 84], [65, 68, 135], [42, 120, 142], [34, 168, 132], [122, 209, 81], [253, 231, 37]];
  const at = Math.min(0.9999, Math.max(0, t)) * 5,
    low = stops[Math.floor(at)],
    high = stops[Math.floor(at) + 1];
  return low.map((value, i) => Math.round(value + (high[i] - value) * (at % 1)));
}

/** From black over purple to pale yellow. */
function magma(t) {
  const stops = [[21, 14, 55], [100, 26, 128], [183, 55, 121], [247, 112, 92], [254, 207, 146], [
    252,
    253,
    191,
  ]];
  const at = Math.min(0.9999, Math.max(0, t)) * 5,
    low = stops[Math.floor(at)],
    high = stops[Math.floor(at) + 1];
  return low.map((value, i) => Math.round(value + (high[i] - value) * (at % 1)));
}

function draw() {
  pen.clearRect(0, 0, across * cell, down * cell);
  for (let patch = 0; patch < stepOf.length; patch++) drawPatch(patch);
  const newest = run.steps[state.time - 1];
  if (state.token !== undefined) drawAttention();
  else if (newest !== undefined && !(state.time === numSteps && state.view === "picture")) {
    const thick = Math.max(1.5, cell / 24);
    for (const patch of newest.context) outline(placeOf(patch), "#ffffff", thick, 0.06);
    outline(placeOf(newest.patch), "#ff7f0e", thick * 1.2, 0.03);
  }
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
  if (state.view === "order") drawNumber(patch, left, top);
  if (state.view === "pool" && role === "dropped") {
    pen.fillStyle = "rgba(20,22,26,0.82)";
    pen.fillRect(left, top, side, side);
  }
  if (state.view === "surprise") drawSurprise(patch, left, top);
}

function drawNumber(patch, left, top) {
  const step = stepOf[patch], color = step < 0 ? [138, 143, 152] : viridis(step / Math.max(1, numSteps - 1));
  pen.fillStyle = `rgba(${color},0.72)`;
  pen.fillRect(left, top, cell - 0.5, cell - 0.5);
  if (cell < 17) return;
  pen.fillStyle = color[0] * 0.3 + color[1] * 0.59 + color[2] * 0.11 > 140 ? "#111" : "#fff";
  pen.font = `${Math.min(15, cell * 0.34)}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(step < 0 ? "known" : String(step + 1), left + cell / 2, top + cell / 2);
}

function drawSurprise(patch, left, top) {
  const bits = run.statistics?.[patch]?.surprise;
  if (bits === undefined) return;
  const { width, height } = run.patchTokens, w = cell / width, h = cell / height;
  bits.forEach((value, token) => {
    pen.fillStyle = value === null ? "#ff00c8" : `rgba(${magma(value / run.mostSurprise)},0.78)`;
    pen.fillRect(left + (token % width) * w, top + Math.floor(token / width) * h, w + 0.3, h + 0.3);
  });
}

function outline({ x, y }, color, thick, inset, size = 1) {
  const gap = inset * cell + thick / 2;
  pen.strokeStyle = color;
  pen.lineWidth = thick;
  pen.strokeRect(x * cell + gap, y * cell + gap, size * cell - 2 * gap, size * cell - 2 * gap);
}

/** The bytes of a view, decoded once. */
function attentionOf(patch) {
  const view = run.attention?.[patch]?.views[state.layer];
  if (view === undefined) return undefined;
  view.decoded ??= Uint8Array.from(atob(view.bytes), (char) => char.charCodeAt(0));
  return view;
}

function drawAttention() {
  const { patch, token } = state.token, { width, height } = run.patchTokens, view = attentionOf(patch);
  const w = 1 / width, h = 1 / height, own = placeOf(patch);
  if (view !== undefined) {
    pen.fillStyle = "rgba(8,9,11,0.66)";
    pen.fillRect(0, 0, across * cell, down * cell);
    const keys = run.attention[patch].keys, numKeys = (keys.length + 1) * numTokens;
    [...keys, patch].forEach((key, i) => {
      const place = placeOf(key), shift = key === patch ? 1 : 0;
      for (let other = 0; other + shift < numTokens; other++) {
        const byte = view.decoded[token * numKeys + i * numTokens + other + shift];
        if (byte < 3) continue;
        const t = byte / 255;
        pen.fillStyle = byte === 255 && view.top[token] === null
          ? "#ff00c8"
          : `rgba(255,${Math.round(140 + 85 * t)},${Math.round(60 * t)},${0.2 + 0.75 * Math.sqrt(t)})`;
        pen.fillRect(
          (place.x + (other % width) * w) * cell,
          (place.y + Math.floor(other / width) * h) * cell,
          w * cell + 0.3,
          h * cell + 0.3,
        );
      }
    });
    for (const key of keys) outline(placeOf(key), "rgba(255,255,255,0.35)", 1, 0);
  }
  outline(own, "#ff7f0e", 2, 0);
  pen.strokeStyle = "#00d5ff";
  pen.lineWidth = 2;
  pen.strokeRect(
    (own.x + (token % width) * w) * cell,
    (own.y + Math.floor(token / width) * h) * cell,
    w * cell,
    h * cell,
  );
}
