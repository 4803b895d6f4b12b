/** Prints the schema of the plugin: what the types tell, and that an input is a secret, which they can't. */
import { ComponentProvider } from "@pulumi/pulumi/provider/experimental";

import { Specivo } from "../components";
import type { Schema } from "./index";

const types = new ComponentProvider({ name: "specivo", dirname: __dirname, components: [Specivo] });

void types.getSchema().then((text) => {
    const schema = JSON.parse(text) as Schema;
    for (const { inputProperties } of Object.values(schema.resources)) {
        // Whatever else may be given has to be known when the component plans.
        const secrets = Object.values(inputProperties).filter(({ plain }) => plain !== true);
        secrets.forEach((property) => (property.secret = true));
    }
    console.log(JSON.stringify(schema, null, 2));
});
