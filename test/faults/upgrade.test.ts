import { matrix } from "./matrix";

matrix("upgrade");
