// Stands in the head and runs before anything is drawn, so that a page that the
// reader wants dark never begins white.

import { light } from "./part/scheme";

light();
