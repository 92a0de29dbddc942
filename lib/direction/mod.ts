/** The Arbitrary Direction Controller: orders, relative offsets, and the plan that follows from them. */
export { generationOrder, type GenerationOrderOptions, type Order } from "./generation_order.ts";
export * from "./order_name.ts";
export type { PatchComparator } from "./_order_patches.ts";
export { START_DIRECTIONS, type StartDirection } from "./_outward.ts";
export * from "./relative_offset.ts";
export * from "./schedule_order.ts";
