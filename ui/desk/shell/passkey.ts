// Signing in with a passkey, and making one: W3C Web Authentication, level 3.

interface Asked {
  options: { publicKey: Record<string, unknown> };
  challenge: string;
}

const decode = (text: string): ArrayBuffer => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0)).buffer;
};
const encode = (bytes: ArrayBuffer | null): string =>
  bytes ? btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") : "";

type Ids = { id: string }[];

/** readable turns what the server asks into what a browser takes. */
function readable(options: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = { ...options, challenge: decode(options["challenge"] as string) };
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    if (out[list]) out[list] = (out[list] as Ids).map((c) => ({ ...c, id: decode(c.id) }));
  }
  const user = out["user"] as { id: string } | undefined;
  if (user) out["user"] = { ...user, id: decode(user.id) };
  return out;
}

function written(made: PublicKeyCredential): unknown {
  const r = made.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  const response = r.attestationObject
    ? { clientDataJSON: encode(r.clientDataJSON), attestationObject: encode(r.attestationObject), transports: r.getTransports?.() ?? [] }
    : { clientDataJSON: encode(r.clientDataJSON), authenticatorData: encode(r.authenticatorData), signature: encode(r.signature), userHandle: encode(r.userHandle) };
  return { id: made.id, rawId: encode(made.rawId), type: made.type, authenticatorAttachment: made.authenticatorAttachment, response };
}

async function post(path: string, body: unknown): Promise<{ ok: boolean; value: Record<string, unknown> }> {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return { ok: answer.ok, value: (await answer.json()) as Record<string, unknown> };
}

/** ask signs in, or makes a key; it returns the server's answer, or throws its sentence. */
export async function ask(path: string, create: boolean, label: string, stopped: string): Promise<Record<string, unknown>> {
  const asked = await post(path, {});
  if (!asked.ok) throw new Error(String(asked.value["sentence"] ?? ""));
  const { options, challenge } = asked.value as unknown as Asked;
  let made: Credential | null;
  try {
    const publicKey = readable(options.publicKey);
    made = create
      ? await navigator.credentials.create({ publicKey: publicKey as unknown as PublicKeyCredentialCreationOptions })
      : await navigator.credentials.get({ publicKey: publicKey as unknown as PublicKeyCredentialRequestOptions });
  } catch {
    throw new Error(stopped);
  }
  if (!made) throw new Error(stopped);
  const answered = await post(`${path}/answer`, { challenge, label, response: written(made as PublicKeyCredential) });
  if (!answered.ok) throw new Error(String(answered.value["sentence"] ?? ""));
  return answered.value;
}

export function passkeys(): void {
  if (!("PublicKeyCredential" in window)) return;
  for (const box of document.querySelectorAll<HTMLElement>(".passkey")) {
    const button = box.querySelector("button");
    const fault = box.querySelector<HTMLElement>(".fault");
    if (!button || !fault) continue;
    box.hidden = false;
    button.addEventListener("click", async () => {
      fault.hidden = true;
      button.disabled = true;
      try {
        const create = "create" in box.dataset;
        const answer = await ask(box.dataset["passkey"] ?? "", create, box.querySelector("input")?.value ?? "", box.dataset["stopped"] ?? "");
        const codes = answer["codes"] as string[] | undefined;
        const form = box.dataset["form"] && (document.getElementById(box.dataset["form"]) as HTMLFormElement | null);
        if (codes) show(codes);
        else if (form) form.submit();
        else location.assign(box.dataset["next"] ?? "/desk/");
      } catch (e) {
        fault.textContent = (e as Error).message || (box.dataset["failed"] ?? "");
        fault.hidden = false;
      }
      button.disabled = false;
    });
  }
}

/** show shows the recovery codes, which come once. */
function show(codes: string[]): void {
  const box = document.getElementById("codes");
  const list = box?.querySelector("ol");
  if (!box || !list) return;
  list.replaceChildren(
    ...codes.map((text) => {
      const item = document.createElement("li");
      const code = document.createElement("code");
      code.textContent = text;
      item.append(code);
      return item;
    }),
  );
  for (const other of document.querySelectorAll<HTMLElement>(".passkey, #by-password, [aria-labelledby=key]")) other.hidden = true;
  box.hidden = false;
  box.scrollIntoView();
}
