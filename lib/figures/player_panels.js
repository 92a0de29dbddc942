// deno-lint-ignore-file no-unused-vars -- the player's files are one script
// What the player says beside the picture: the step, the pool, what colours mean. Goes after player.js.
const COLORS = { pool: "#2a87c8", dropped: "#6f7580", "to come": "rgba(128,128,128,0.2)", now: ORANGE };
const KEY = [["in the pool", COLORS.pool], ["seen by the newest", "ring"], ["newest", ORANGE], [
  "dropped",
  COLORS.dropped,
], ["to come", COLORS["to come"]]];
byId("key").innerHTML = KEY.map(([name, color]) =>
  `<span><i ${color === "ring" ? 'class="ring"' : `style="background:${color}"`}></i>${name}</span>`
).join("");

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
  const { brush } = panelPen("map", down * side), gap = side > 7 ? 1 : 0;
  for (let patch = 0; patch < stepOf.length; patch++) {
    const { x, y } = placeOf(patch);
    brush.fillStyle = COLORS[roleOf(patch)];
    brush.fillRect(x * side, y * side, side - gap, side - gap);
  }
  if (state.time === numSteps) return;
  for (const patch of run.steps[state.time - 1]?.context ?? []) {
    const { x, y } = placeOf(patch);
    brush.strokeStyle = "#fff";
    brush.lineWidth = side > 7 ? 1.5 : 0.7;
    brush.strokeRect(x * side + 1.5, y * side + 1.5, side - gap - 3, side - gap - 3);
  }
}

/** How full the pool is, step by step. */
function drawChart() {
  const { brush, width } = panelPen("chart", 130), most = Math.max(1, run.peak, ...run.pooled);
  const x = (time) => 1 + time / Math.max(1, numSteps) * (width - 2), y = (count) => 128 - count / most * 116;
  brush.beginPath();
  brush.moveTo(x(0), y(0));
  run.pooled.forEach((count, time) => {
    brush.lineTo(x(time), y(count));
    brush.lineTo(x(Math.min(numSteps, time + 1)), y(count));
  });
  brush.lineTo(x(numSteps), y(0));
  brush.fillStyle = "rgba(42,135,200,0.3)";
  brush.fill();
  brush.strokeStyle = COLORS.pool;
  brush.stroke();
  brush.fillStyle = ORANGE;
  brush.fillRect(Math.min(width - 2, Math.max(0, x(state.time) - 1)), 2, 2, 126);
}

function describe() {
  const step = run.steps[state.time - 1], inPool = run.pooled[Math.max(0, state.time - 1)] ?? 0;
  byId("time").value = state.time;
  byId("time").style.setProperty("--done", `${100 * state.time / Math.max(1, numSteps)}%`);
  byId("clock").textContent = `${state.time} / ${numSteps}`;
  byId("now").textContent = step === undefined
    ? `Nothing made yet, ${sayCount(numSteps)} to come`
    : `Patch ${state.time} of ${numSteps}: ${sayPatch(step.patch)}`;
  byId("step").textContent = step === undefined ? "" : [
    `In wave ${step.wave + 1}`,
    `sees ${sayCount(step.context.length)}`,
    run.lastUse[step.patch] < state.time
      ? "no later patch sees it"
      : `stays until step ${run.lastUse[step.patch] + 1}`,
  ].join(", ") + ".";
  const bytes = run.bytesPerPatch ? `, ${sayBytes(inPool * run.bytesPerPatch)}` : "";
  byId("pooled").textContent = `${
    sayCount(inPool)
  } in the pool${bytes}; never more than ${run.peak} of ${stepOf.length}.`;
  describeToken();
  describeLegend();
}

/** A patch in words. */
function sayPatch(patch) {
  const { frame, row, column } = placeOf(patch);
  return `${frames > 1 ? `frame ${frame + 1}, ` : ""}row ${row + 1}, column ${column + 1}`;
}

function sayCount(count) {
  return count === 1 ? "1 patch" : `${count} patches`;
}

function sayBytes(bytes) {
  const [unit, size] =
    [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]].find(([, size]) => bytes >= size) ?? ["bytes", 1];
  return `${Number((bytes / size).toPrecision(3))} ${unit}`;
}

function sayShare(share, digits = 1) {
  if (Number.isNaN(share)) return "NaN";
  return `${share >= 0.0995 ? Math.round(100 * share) : Number((100 * share).toPrecision(digits))}\u00a0%`;
}

/** What the colours on the picture mean. */
function describeLegend() {
  const ramp = (scale, from, to) =>
    `<span>${from}</span><i class="ramp" style="background:linear-gradient(90deg,${scale})"></i><span>${to}</span>`;
  const seen = state.token && attentionOf(state.token);
  const mark = (color, name) => `<span><i class="mark" style="border-color:${color}"></i>${name}</span>`;
  const marks = mark(ORANGE, "newest patch") + mark("#fff", "what it saw");
  const legends = {
    order: ramp(VIRIDIS, "first", "last"),
    pool: "<span>bright: in the context pool; dark: dropped</span>",
    surprise: ramp(MAGMA, "0 bits, as expected", `${run.mostSurprise.toFixed(0)} bits, a surprise`),
    picture: state.time < numSteps
      ? marks
      : run.numLayers > 0
      ? "<span>Click anywhere: what did the model look at when it drew this?</span>"
      : run.tokens
      ? "<span>Click anywhere: which code is this?</span>"
      : "",
  };
  const html = seen !== undefined
    ? ramp(AMBER, "no attention", sayShare(seen.most)) + mark(CYAN, "the token") + mark(ORANGE, "its patch") +
      mark("#999", "its context")
    : state.token !== undefined
    ? mark(CYAN, "the token") + mark(ORANGE, "its patch")
    : legends[state.view] + (state.view !== "picture" && state.time < numSteps ? marks : "");
  if (byId("legend").innerHTML !== html) byId("legend").innerHTML = html;
}
