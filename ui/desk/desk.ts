// The shell of every screen of the desk: finding, keys, passkeys, the board.

import { board } from "./shell/board";
import { palette } from "./shell/palette";
import { passkeys } from "./shell/passkey";

palette();
passkeys();
board();

for (const field of document.querySelectorAll<HTMLInputElement>("input.link")) {
  field.addEventListener("focus", () => field.select());
}
