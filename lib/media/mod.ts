/** Pictures and tensors in and out of files. */
export * from "./create_folder.ts";
export * from "./file_error.ts";
export { cropPicture, type PixelWindow, resizePicture } from "./picture_geometry.ts";
export * from "./png_text.ts";
export * from "./read_picture.ts";
export { assertWritable, removeFilesAside, writeFileAside, writeFilesAside } from "./write_file_aside.ts";
export * from "./write_clip.ts";
export * from "./write_picture.ts";
export * from "./safetensors.ts";
export * from "./stored_tensor.ts";
export * from "./tensor_tree.ts";
export * from "./weights_folder.ts";
