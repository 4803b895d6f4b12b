/** What another Pulumi program gets of this package. */
export { decide, decideOnOwn, type Decision, LastOutputs, type Own, type Server } from "../decide";
export { keep } from "../keep";
export { readSettings, type Settings } from "../settings";
export { SpecivoDroplet, type SpecivoDropletArgs } from "./droplet";
export { SpecivoInstance, type SpecivoInstanceArgs } from "./instance";
export { OffsiteBackups, type OffsiteBackupsArgs } from "./offsiteBackups";
export { Specivo, type SpecivoArgs } from "./specivo";
export { UserError } from "./userError";
