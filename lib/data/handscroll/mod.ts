/** An endless landscape handscroll, a deterministic function of (seed, x, y, t), with captions. */
export {
  type HandscrollObject,
  type Hour,
  HOURS,
  SCROLL_HEIGHT,
  type Season,
  SEASONS,
  type Window,
  type World,
} from "./world.ts";
export { renderWindow } from "./render_window.ts";
export { describeWindow, type WindowDescription } from "./describe_window.ts";
export { HANDSCROLL_VOCABULARY } from "./vocabulary.ts";
