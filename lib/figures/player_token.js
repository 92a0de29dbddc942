// deno-lint-ignore-file no-unused-vars -- the player's files are one script
// What the player says of a chosen token: where every head looked, what it could have been. Goes after player_panels.js.
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
        : run.tokens
        ? " to see its code. What the model looked at is kept of pictures that are drawn token by token (ar)."
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
  ].filter((sentence) => sentence !== "").join(" ");
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
