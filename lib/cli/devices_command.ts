import { Command } from "commander";
import type { DeviceList, DeviceStatus } from "../runtime/mod.ts";
import { printJson, printLine } from "./print.ts";
import type { Runners } from "./runners.ts";

/** Creates the command that says what can compute here. */
export function createDevicesCommand(listDevices: Runners["devices"]): Command {
  return new Command("devices")
    .description("Say which devices --device can name here, why the others do not work, and what auto takes.")
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nExamples:\n  deno task devices\n  deno task devices --json")
    .action(async ({ json }: { readonly json?: true }) => {
      const list = await listDevices();
      if (json) printJson({ auto: list.auto, devices: list.devices.map(toRecord) });
      else for (const status of list.devices) printLine(describe(status, list));
    });
}

function toRecord({ device, isUsable, adapter, isSoftware, milliseconds, obstacle }: DeviceStatus) {
  return { device, usable: isUsable, adapter, software: isSoftware, milliseconds, ...obstacle };
}

function describe(
  { device, isUsable, adapter, isSoftware, milliseconds, obstacle }: DeviceStatus,
  { auto }: DeviceList,
): string {
  const title = device.padEnd(8);
  if (obstacle !== undefined) {
    const { reason, remedy } = obstacle;
    return `${title}does not work: ${reason}\n${" ".repeat(8)}what to do: ${remedy}`;
  }
  const notes = [
    adapter,
    ...isSoftware ? ["software: slow, for tests"] : [],
    ...milliseconds === undefined ? [] : [`a small graph takes ${milliseconds.toFixed(1)} ms`],
  ];
  const state = isUsable ? "works" : "does not work";
  return `${title}${state}: ${notes.join("; ")}${device === auto ? "; what auto takes" : ""}`;
}
