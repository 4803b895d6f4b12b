import { disk } from "./disk";
import type { Fault } from "./fault";
import { interruptions } from "./interruptions";
import { operators } from "./operators";
import { registry } from "./registry";
import { services } from "./services";
import { surroundings } from "./surroundings";
import { versions } from "./versions";

/** All that is made to go wrong. A name stands once in each change. */
export const catalogue: readonly Fault[] = [
    ...registry,
    ...disk,
    ...versions,
    ...services,
    ...interruptions,
    ...operators,
    ...surroundings,
];
