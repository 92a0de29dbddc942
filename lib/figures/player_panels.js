// deno-lint-ignore-file no-unused-vars -- player.js, player_panels.js and player_controls.js are one script
// What the player says beside the picture: attention of all heads, candidates, pool. Goes after player.js.
const COLORS = { pool: "#2a87c8", dropped: "#6f7580", "to come": "rgba(128,128,128,0.2)", now: ORANGE };
const KEY = [["in the pool", COLORS.pool], ["seen by the newest", "ring"], ["newest", ORANGE], [
  "dropped",
  COLORS.dropped,
], ["to come", COLORS["to come"]]];
byId("key").innerHTML = KEY.map(([name, color]) =>
  `<span><i ${color === "ring" ? 'class="ring"' : `style="background:${color}"`}></i>${name}</span>`
).join("");

/** Unpacked attention of the last few patches. */
const unpacked = new Map();

/** Unpacks the attention of a patch; draws again when it is there. */
async function loadAttention(patch) {
  const packed = run.attention[patch];
  if (packed === undefined || unpacked.has(patch)) return;
  const [weights, words] = await Promise.all([unpack(packed.weights), packed.words && unpack(packed.words)]);
  unpacked.set(patch, { keys: packed.keys, weights, words });
  if (unpacked.size > 6) unpacked.delete(unpacked.keys().next().value);
  draw();
}

/** A share from its byte. */
const SHARES = Float64Array.from({ length: 256 }, (_, byte) => byte === 255 ? NaN : (byte / 16) ** 2);

/** Which layers or heads of so many: one, or all. */
function listChosen(choice, count) {
  return choice === "mean" ? Array.from({ length: count }, (_, i) => i) : [choice];
}

/** What one token reads of bytes `[L, heads, width, M]`, averaged over the layers and heads that are chosen; sums to 1. */
function averageRow(bytes, token, width, { layer, head }) {
  const sums = new Float64Array(width);
  for (const l of listChosen(layer, run.numLayers)) {
    for (const h of listChosen(head, run.numHeads)) {
      const start = (l * run.numHeads + h) * width * numTokens + token;
      for (let i = 0; i < width; i++) sums[i] += SHARES[bytes[start + i * numTokens]];
    }
  }
  const total = sums.reduce((sum, value) => Number.isNaN(value) ? sum : sum + value, 0) || 1;
  return sums.map((value) => value / total);
}

/** Where a token looked; undefined where that was not kept, or is not there yet. */
function attentionOf({ patch, token }, choice = state) {
  const found = unpacked.get(patch);
  if (found === undefined) return undefined;
  const width = (found.keys.length + 1) * numTokens;
  const weights = averageRow(found.weights, token, width, choice), patches = [...found.keys, patch];
  const shares = patches.map((_, i) =>
    weights.subarray(i * numTokens, (i + 1) * numTokens).reduce((sum, value) => sum + value, 0)
  );
  const most = weights.reduce((a, b) => b > a ? b : a, 1e-9);
  return { patches, keys: found.keys, own: patch, weights, shares, most, begin: weights[width - numTokens] };
}

/** Calls with each token that could be seen, and its share. The begin token has no place. */
function forEachKey({ patches, own, weights }, call) {
  patches.forEach((patch, i) => {
    const shift = i === patches.length - 1 ? 1 : 0;
    for (let token = 0; token + shift < numTokens; token++) {
      call({ patch, token }, weights[i * numTokens + token + shift]);
    }
  });
}

/** All layers and heads as small maps; made once, painted for each token. */
function createHeads() {
  if (run.numLayers === 0) return;
  const cells = Array.from(
    { length: run.numLayers },
    (_, layer) =>
      `<div class="layer"><button data-layer="${layer}" data-head="mean" title="layer ${
        layer + 1
      }, average of its heads">${layer + 1}</button>${
        Array.from({ length: run.numHeads }, (_, head) =>
          `<button data-layer="${layer}" data-head="${head}" aria-label="layer ${layer + 1}, head ${
            head + 1
          }" title="layer ${layer + 1}, head ${head + 1}"><canvas></canvas></button>`).join("")
      }</div>`,
  );
  byId("heads").innerHTML = `<span class="soft">layer</span>${cells.join("")}`;
}

/** Paints the map of each head: the patches that the token could see, a pixel a token. */
function paintHeads() {
  const { patch } = state.token, patches = [...(unpacked.get(patch)?.keys ?? []), patch].map(placeOf);
  const left = Math.min(...patches.map(({ x }) => x)), top = Math.min(...patches.map(({ y }) => y));
  const right = Math.max(...patches.map(({ x }) => x)) + 1,
    bottom = Math.max(...patches.map(({ y }) => y)) + 1;
  for (const button of document.querySelectorAll("#heads button")) {
    const choice = readChoice(button);
    button.setAttribute("aria-pressed", String(choice.layer === state.layer && choice.head === state.head));
    const canvas = button.querySelector("canvas");
    if (canvas === null) continue;
    canvas.width = (right - left) * tokensAcross;
    canvas.height = (bottom - top) * run.patchTokens.height;
    paintHead(canvas, attentionOf(state.token, choice), left, top);
  }
  byId("mean").setAttribute("aria-pressed", String(state.layer === "mean"));
}

function paintHead(canvas, seen, left, top) {
  const brush = canvas.getContext("2d"),
    { width, height } = canvas,
    image = brush.createImageData(width, height);
  const put = (x, y, color) => image.data.set([...color, 255], 4 * (y * width + x));
  forEachKey(seen, ({ patch, token }, weight) => {
    const { x, y } = placeOf(patch), column = (x - left) * tokensAcross + token % tokensAcross;
    const row = (y - top) * run.patchTokens.height + Math.floor(token / tokensAcross);
    put(column, row, Number.isNaN(weight) ? [255, 0, 200] : colorAt(AMBER, Math.sqrt(weight / seen.most)));
  });
  const { x, y } = placeOf(state.token.patch), { token } = state.token;
  const column = (x - left) * tokensAcross + token % tokensAcross;
  put(column, (y - top) * run.patchTokens.height + Math.floor(token / tokensAcross), [0, 213, 255]);
  brush.putImageData(image, 0, 0);
}

function readChoice({ dataset: { layer, head } }) {
  return { layer: layer === "mean" ? layer : Number(layer), head: head === "mean" ? head : Number(head) };
}

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
      : "<span>Click anywhere: what did the model look at when it drew this?</span>",
  };
  const html = seen !== undefined
    ? ramp(AMBER, "no attention", sayShare(seen.most)) + mark(CYAN, "the token") + mark(ORANGE, "its patch") +
      mark("#999", "its context")
    : state.token !== undefined
    ? mark(CYAN, "the token") + mark(ORANGE, "its patch")
    : legends[state.view] + (state.view !== "picture" && state.time < numSteps ? marks : "");
  if (byId("legend").innerHTML !== html) byId("legend").innerHTML = html;
}

function describeToken() {
  const { token: chosen } = state, words = byId("token");
  byId("candidates").replaceChildren();
  const seen = chosen && attentionOf(chosen);
  byId("looked").hidden = seen === undefined;
  byId("could").hidden = chosen === undefined;
  byId("pick").hidden = chosen !== undefined || state.time === 0;
  if (chosen === undefined) {
    byId("name").textContent = "Token";
    words.textContent = "Click a token of the picture" +
      (run.numLayers > 0
        ? " to see where the model looked before it drew it, and what else it could have drawn."
        : ".");
    return;
  }
  const { patch, token } = chosen, statistics = run.statistics[patch];
  const code = statistics?.tokens[token] ?? run.tokens?.[patch]?.[token];
  byId("name").textContent = `Token ${token + 1} of ${numTokens}, patch in ${sayPatch(patch)}`;
  words.textContent = [
    code === undefined ? "" : `Code ${code}.`,
    statistics === undefined ? "" : saySurprise(statistics.surprise[token], statistics.entropy[token]),
    run.attention[patch] === undefined ? "Its attention was not kept." : "",
  ].join(" ").trim();
  if (seen !== undefined) {
    paintHeads();
    describeShares(seen);
  }
  listCandidates(code, statistics, token);
}

function saySurprise(surprise, entropy) {
  if (surprise === null || entropy === null) return "Its surprise is not a number.";
  return `${surprise} bits of surprise: a chance of ${sayShare(2 ** -surprise, 2)}. ` +
    `The model was as unsure as among ${Math.round(2 ** entropy)} equal codes (${entropy} bits of entropy).`;
}

/** Which patches and words got how much. */
function describeShares({ keys, shares, begin, own }) {
  const name = state.layer === "mean"
    ? "All layers and heads"
    : `Layer ${state.layer + 1}, ${state.head === "mean" ? "all heads" : `head ${state.head + 1}`}`;
  const here = placeOf(own), inside = shares.at(-1) - begin;
  const best = keys.map((key, i) => ({ key, share: shares[i] })).sort((a, b) => b.share - a.share).slice(
    0,
    3,
  );
  const parts = best.map(({ key, share }) => `${sayShare(share)} ${sayOffset(here, placeOf(key))}`);
  byId("shares").textContent = `${name}: ${
    [
      `${sayShare(inside)} on its own patch`,
      ...parts,
      ...(begin > 0.005 ? [`${sayShare(begin)} on the begin token`] : []),
    ]
      .join(", ")
  }.`;
  const bytes = unpacked.get(own)?.words;
  byId("words").hidden = bytes === undefined;
  if (bytes === undefined) return;
  const row = averageRow(bytes, state.token.token, run.words.length, state), most = Math.max(...row);
  byId("words").replaceChildren(...run.words.map((word, i) => {
    const span = document.createElement("span"), t = row[i] / most;
    span.textContent = word;
    span.title = `${sayShare(row[i])} of its attention to the text`;
    span.style.setProperty("--t", `${Math.round(75 * t)}%`);
    return span;
  }));
}

/** Where a patch lies as seen from another. */
function sayOffset(from, to) {
  const say = (count) => ["", "one", "two", "three"][count] ?? count;
  const part = (count, one, other) => count === 0 ? "" : `${say(Math.abs(count))} ${count < 0 ? one : other}`;
  const back = part(to.frame - from.frame, "back", "on");
  return [back, part(to.row - from.row, "up", "down"), part(to.column - from.column, "left", "right")]
    .filter((text) => text !== "").join(" ");
}

function listCandidates(code, statistics, token) {
  const listed = statistics?.candidates[token] ?? [], surprise = statistics?.surprise[token];
  const isListed = listed.some(([candidate]) => candidate === code);
  const drawn = surprise === undefined ? undefined : surprise === null ? null : 2 ** -surprise;
  const candidates = isListed || code === undefined ? listed : [...listed, [code, drawn]];
  const top = Math.max(1e-9, ...candidates.map(([, probability]) => probability ?? 0));
  byId("candidates").replaceChildren(
    ...candidates.map(([candidate, probability]) =>
      createRow(candidate, probability, top, candidate === code)
    ),
  );
}

function createRow(code, probability, top, isDrawn) {
  const row = document.createElement("li");
  row.classList.toggle("drawn", isDrawn);
  row.innerHTML = "<canvas></canvas><span></span><b></b><span></span>";
  const [tile, number, bar, share] = row.children;
  if (run.tiles !== undefined) {
    const { width: w, height: h, columns: perRow } = run.tiles;
    tile.width = w;
    tile.height = h;
    tile.getContext("2d").drawImage(
      tiles,
      (code % perRow) * w,
      Math.floor(code / perRow) * h,
      w,
      h,
      0,
      0,
      w,
      h,
    );
  } else tile.hidden = true;
  bar.style.width = `${100 * (probability ?? 0) / top}%`;
  number.textContent = isDrawn ? `${code}, drawn` : code;
  share.textContent = probability === undefined ? "" : sayShare(probability ?? NaN, 2);
  return row;
}
