// deno-lint-ignore-file no-unused-vars -- player.js and player_panels.js are one script
// The player's side panels and its controls; goes after player.js into the same script.
const COLORS = { pool: "#2a87c8", dropped: "#6f7580", "to come": "rgba(128,128,128,0.17)", now: "#ff7f0e" };

/** A canvas of a panel, cleared, with its pen; as wide as the panel. */
function panelPen(id, height) {
  const canvas = byId(id), ratio = devicePixelRatio || 1, width = canvas.clientWidth || 270;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.height = `${height}px`;
  const brush = canvas.getContext("2d");
  brush.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { brush, width };
}

/** The canvas small: what is in the pool. */
function drawMap() {
  const width = byId("map").clientWidth || 270, side = Math.min(width / across, 150 / down, 26);
  const { brush } = panelPen("map", down * side);
  const gap = side > 7 ? 1 : 0;
  for (let patch = 0; patch < stepOf.length; patch++) {
    const { x, y } = placeOf(patch);
    brush.fillStyle = COLORS[roleOf(patch)];
    brush.fillRect(x * side, y * side, side - gap, side - gap);
  }
  for (const patch of run.steps[state.time - 1]?.context ?? []) {
    const { x, y } = placeOf(patch);
    brush.strokeStyle = "#fff";
    brush.lineWidth = side > 7 ? 1.5 : 0.7;
    brush.strokeRect(x * side + 1.5, y * side + 1.5, side - gap - 3, side - gap - 3);
  }
}

/** How full the pool is, step by step. */
function drawChart() {
  const { brush, width } = panelPen("chart", 64), most = Math.max(1, ...run.pooled);
  const x = (time) => 1 + time / Math.max(1, numSteps) * (width - 2), y = (count) => 60 - count / most * 52;
  brush.beginPath();
  brush.moveTo(x(0), y(0));
  run.pooled.forEach((count, time) => {
    brush.lineTo(x(time), y(count));
    brush.lineTo(x(Math.min(numSteps, time + 1)), y(count));
  });
  brush.lineTo(x(numSteps), y(0));
  brush.fillStyle = "rgba(42,135,200,0.3)";
  brush.fill();
  brush.strokeStyle = "#2a87c8";
  brush.stroke();
  brush.strokeStyle = "#ff7f0e";
  brush.lineWidth = 2;
  brush.beginPath();
  brush.moveTo(x(state.time), 2);
  brush.lineTo(x(state.time), 62);
  brush.stroke();
}

function describe() {
  const step = run.steps[state.time - 1], inPool = run.pooled[Math.max(0, state.time - 1)] ?? 0;
  byId("time").value = state.time;
  byId("now").textContent = step === undefined
    ? `nothing made yet, ${numSteps} patches to come`
    : `patch ${state.time} of ${numSteps}: ${sayPatch(step.patch)}`;
  byId("facts").textContent = step === undefined
    ? ""
    : `wave ${step.wave + 1}; sees ${sayCount(step.context.length)}; kept until step ${
      run.lastUse[step.patch] + 1
    }`;
  byId("pooled").textContent = `${sayCount(inPool)} in the pool, at most ${run.peak}${
    run.bytesPerPatch ? `; ${sayBytes(inPool * run.bytesPerPatch)}` : ""
  }`;
  describeToken();
}

function sayCount(count) {
  return count === 1 ? "1 patch" : `${count} patches`;
}

function sayBytes(bytes) {
  const [unit, size] =
    [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]].find(([, size]) => bytes >= size) ?? ["bytes", 1];
  return `${Number((bytes / size).toPrecision(3))} ${unit}`;
}

function describeToken() {
  const list = byId("candidates"), words = byId("token");
  list.replaceChildren();
  if (state.token === undefined) {
    words.textContent = "Click a token of the picture.";
    return;
  }
  const { patch, token } = state.token,
    statistics = run.statistics?.[patch],
    code = statistics?.tokens[token] ?? run.tokens?.[patch]?.[token];
  const bits = (value) => value === null || value === undefined ? "not a number of" : `${value} `;
  words.textContent =
    `${sayPatch(patch)}; token row ${Math.floor(token / run.patchTokens.width) + 1}, column ` +
    `${token % run.patchTokens.width + 1}` + (code === undefined ? "" : `; code ${code}`) +
    (statistics === undefined
      ? ""
      : `; ${bits(statistics.surprise[token])} bits of surprise, entropy ${
        bits(statistics.entropy[token])
      } bits`) +
    (run.attention?.[patch] === undefined ? "; no attention was traced" : "");
  const candidates = statistics?.candidates[token] ?? (code === undefined ? [] : [[code, undefined]]);
  const top = Math.max(1e-9, ...candidates.map(([, probability]) => probability ?? 0));
  for (const [candidate, probability] of candidates) {
    list.append(createRow(candidate, probability, top, candidate === code));
  }
}

function createRow(code, probability, top, isDrawn) {
  const row = document.createElement("li"),
    tile = document.createElement("canvas"),
    bar = document.createElement("b");
  row.classList.toggle("drawn", isDrawn);
  if (run.tiles !== undefined) {
    const { width, height, columns: perRow } = run.tiles;
    tile.width = width;
    tile.height = height;
    tile.getContext("2d").drawImage(
      tiles,
      (code % perRow) * width,
      Math.floor(code / perRow) * height,
      width,
      height,
      0,
      0,
      width,
      height,
    );
  } else tile.hidden = true;
  bar.style.width = `${probability === undefined ? 0 : 100 * probability / top}%`;
  const number = document.createElement("span"), share = document.createElement("span");
  number.textContent = code;
  share.textContent = probability === undefined
    ? ""
    : probability === null
    ? "NaN"
    : `${Number((100 * probability).toPrecision(2))} %`;
  row.append(tile, number, bar, share);
  return row;
}

function setTime(time) {
  state.time = Math.min(numSteps, Math.max(0, time));
  state.token = undefined;
  draw();
  const newest = run.steps[state.time - 1], box = byId("scroll");
  if (newest === undefined || box.scrollWidth <= box.clientWidth) return;
  box.scrollLeft = placeOf(newest.patch).x * cell - box.clientWidth / 2;
}

function play(isOn) {
  clearInterval(state.timer);
  state.timer = undefined;
  byId("play").textContent = isOn ? "\u275a\u275a" : "\u25b6";
  byId("play").setAttribute("aria-label", isOn ? "pause" : "play");
  if (!isOn) return;
  if (state.time >= numSteps) setTime(0);
  state.timer = setInterval(() => {
    setTime(state.time + 1);
    if (state.time >= numSteps) play(false);
  }, Math.max(30, Math.min(400, 12000 / Math.max(1, numSteps))));
}

function setView(view) {
  state.view = view;
  for (const button of document.querySelectorAll("[data-view]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === view));
  }
  draw();
}

stage.addEventListener("click", ({ offsetX, offsetY }) => {
  const x = offsetX / cell, y = offsetY / cell;
  const patch = stepOf.findIndex((_, i) => placeOf(i).x === Math.floor(x) && placeOf(i).y === Math.floor(y));
  const { width, height } = run.patchTokens;
  const token = Math.floor(y % 1 * height) * width + Math.floor(x % 1 * width);
  const isSame = state.token?.patch === patch && state.token?.token === token;
  play(false);
  state.token = patch < 0 || isSame || roleOf(patch) === "to come" ? undefined : { patch, token };
  draw();
});
byId("time").addEventListener("input", ({ target }) => {
  play(false);
  setTime(Number(target.value));
});
byId("play").addEventListener("click", () => play(state.timer === undefined));
byId("back").addEventListener("click", () => (play(false), setTime(state.time - 1)));
byId("next").addEventListener("click", () => (play(false), setTime(state.time + 1)));
byId("layer").addEventListener("change", ({ target }) => (state.layer = Number(target.value), draw()));
for (const button of document.querySelectorAll("[data-view]")) {
  button.addEventListener("click", () => setView(button.dataset.view));
}
addEventListener("keydown", (event) => {
  if (event.target instanceof HTMLSelectElement || event.target === byId("time")) return;
  const moves = { ArrowRight: state.time + 1, ArrowLeft: state.time - 1, Home: 0, End: numSteps };
  if (event.key in moves) setTime(moves[event.key]);
  else if (event.key === " " && !(event.target instanceof HTMLButtonElement)) play(state.timer === undefined);
  else if (event.key === "Escape") (state.token = undefined, draw());
  else return;
  event.preventDefault();
});
for (const image of [...images, ...(tiles ? [tiles] : [])]) image.addEventListener("load", draw);
addEventListener("resize", resize);
resize();
