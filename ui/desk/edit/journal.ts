// What is written is kept in the browser until the server has it: encrypted by a key
// that the server gives to who is signed in. Without one nothing is kept.

interface Sealed { id: string; story: string; iv: Uint8Array<ArrayBuffer>; body: ArrayBuffer }

/** Record is what was written in one window and is not on the server yet. */
export interface Record_ { client: string; version: number; doc: unknown; steps: unknown[]; at: number }

const name = "desk";
const store = "journal";

function promised<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export class Journal {
  private waiting: Record_ | undefined;
  private writing = false;

  private constructor(
    private readonly db: IDBDatabase,
    private readonly key: CryptoKey,
    private readonly story: string,
    private readonly client: string,
  ) {}

  /** open returns none where nothing may be kept, or the browser keeps nothing. */
  static async open(secret: string | undefined, story: string, client: string): Promise<Journal | undefined> {
    if (!secret || !window.indexedDB || !crypto.subtle) return undefined;
    try {
      const raw = Uint8Array.from(atob(secret.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
      const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(store, { keyPath: "id" }).createIndex("story", "story");
      const journal = new Journal(await promised(request), key, story, client);
      void navigator.locks?.request(journal.id(client), () => new Promise(() => {})); // held while this window lives
      return journal;
    } catch {
      return undefined;
    }
  }

  /** wipe destroys all that was kept in this browser, of any story. */
  static wipe(): void {
    indexedDB.deleteDatabase(name);
  }

  private id(client: string): string {
    return `${this.story}/${client}`;
  }

  private objects(mode: IDBTransactionMode): IDBObjectStore {
    return this.db.transaction(store, mode, { durability: "strict" }).objectStore(store);
  }

  /** left returns what windows that are closed by now could not send, the oldest first. */
  async left(): Promise<Record_[]> {
    const all = (await promised(this.objects("readonly").index("story").getAll(this.story))) as Sealed[];
    const records: Record_[] = [];
    for (const sealed of all) {
      if (sealed.id === this.id(this.client) || !(await this.closed(sealed.id))) continue;
      try {
        const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, this.key, sealed.body);
        records.push(JSON.parse(new TextDecoder().decode(text)) as Record_);
      } catch {
        // Written by somebody else at this browser, or revoked: it can never be read here.
      }
    }
    return records.sort((a, b) => a.at - b.at);
  }

  private async closed(id: string): Promise<boolean> {
    if (!navigator.locks) return true;
    return (await navigator.locks.request(id, { ifAvailable: true }, async (lock) => !!lock)) as boolean;
  }

  /** forget drops what a window had kept, once the server has it. */
  async forget(client: string): Promise<void> {
    await promised(this.objects("readwrite").delete(this.id(client)));
  }

  /** keep writes what is not on the server yet; the last one asked for is what stands. */
  keep(record: Record_): void {
    this.waiting = record;
    if (!this.writing) void this.write();
  }

  private async write(): Promise<void> {
    this.writing = true;
    while (this.waiting) {
      const record = this.waiting;
      this.waiting = undefined;
      try {
        if (record.steps.length === 0) {
          await this.forget(record.client);
          continue;
        }
        const iv = crypto.getRandomValues(new Uint8Array(12));
        const body = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, this.key, new TextEncoder().encode(JSON.stringify(record)));
        await promised(this.objects("readwrite").put({ id: this.id(record.client), story: this.story, iv, body } satisfies Sealed));
      } catch {
        // A browser without room: the server's journal alone holds, and the line says so.
      }
    }
    this.writing = false;
  }
}
