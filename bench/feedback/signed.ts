import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Receipts } from '../../frontend/serving/decisions/receipt.ts';

const SECRET = Buffer.alloc(32, 0x5a);
const NO_CONTEXT = new Uint8Array(8);

/** The file with the one key that brokers of this bench sign with. */
export function writeKeyFile(folder: string): string {
  const file = join(folder, 'receipt-keys');
  writeFileSync(file, `1 ${SECRET.toString('hex')}\n`, { mode: 0o600 });
  return file;
}

/** Decision ids as a broker with that key signs them, as many as are wanted, without a prediction for each. */
export class SignedDecisions {
  readonly #receipts = new Receipts([{ number: 1, secret: SECRET }]);
  readonly #id = Buffer.alloc(12);
  readonly #app: Uint8Array;
  readonly #arms: number;
  #count = 0;

  private constructor(app: Uint8Array, arms: number) {
    this.#app = app;
    this.#arms = arms;
    randomBytes(6).copy(this.#id);
  }

  /** Asks the app once, to learn the fingerprint of its definition. */
  static async of(url: string, app: string, arms: number): Promise<SignedDecisions> {
    const reply = await fetch(`${url}/v1/apps/${app}/predict`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"input":[1,2]}' });
    const { decision_id: text } = (await reply.json()) as { decision_id?: string };
    const receipt = new Receipts([{ number: 1, secret: SECRET }]).open(text ?? '');
    if (receipt === undefined) throw new Error(`app ${app} gave no decision id of this bench's key`);
    return new SignedDecisions(Uint8Array.from(receipt.app), arms);
  }

  /** The next decision: arms by turns. */
  next(): { readonly text: string; readonly arm: number } {
    const arm = this.#count % this.#arms;
    this.#id.writeUIntLE(this.#count++, 6, 6);
    const text = this.#receipts.sign({
      id: this.#id, app: this.#app, action: arm, propensity: 1 / this.#arms, context: NO_CONTEXT, atEpochMs: Date.now(), journal: 'none', pinned: false, rows: 1,
    });
    return { text, arm };
  }
}
