import { matrix } from "./matrix";

matrix("migration");
