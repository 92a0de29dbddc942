/** Training data: the endless handscroll world. */
export * from "./handscroll/mod.ts";
export * from "./crop_source.ts";
export * from "./picture_folder.ts";
export * from "./labelled_window.ts";
