import { matrix } from "./matrix";

matrix("rollback");
