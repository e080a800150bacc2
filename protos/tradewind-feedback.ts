import { ProtoReader, ProtoWriter } from './protobuf.ts';
import { WireError } from './wire.ts';

/** A `FeedbackItem` of tradewind.proto; of `reward`, `value` and `label` what was given. */
export interface FeedbackMessage {
  readonly decisionId: string;
  readonly reward?: number;
  readonly value?: number;
  readonly label?: string | number;
  readonly id?: string;
}

/** The items of a `GiveRequest`. Throws `WireError` on bytes that are none, and on more than `most` items. */
export function readGiveRequest(message: Buffer, most: number): readonly FeedbackMessage[] {
  const reader = new ProtoReader(message);
  const items: FeedbackMessage[] = [];
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    if (items.length >= most) throw new WireError(`more than ${most} items`);
    items.push(readItem(reader.message()));
  }
  return items;
}

function readItem(reader: ProtoReader): FeedbackMessage {
  let decisionId = '';
  let worth: Pick<FeedbackMessage, 'reward' | 'value' | 'label'> = {};
  let id = '';
  while (reader.next()) {
    switch (reader.field) {
      case 1: decisionId = reader.text(); break;
      case 2: worth = { reward: double(reader) }; break;
      case 3: worth = { value: double(reader) }; break;
      case 4: worth = { label: reader.text() }; break;
      case 5: worth = { label: reader.varint() }; break;
      case 6: id = reader.text(); break;
      default: reader.skip();
    }
  }
  return { decisionId, ...worth, ...(id === '' ? {} : { id }) };
}

function double(reader: ProtoReader): number {
  const bytes = reader.fixed(8);
  if (bytes.length !== 8) throw new WireError(`a double of ${bytes.length} bytes`);
  return bytes.readDoubleLE();
}

const writer = new ProtoWriter();
const part = new ProtoWriter();

/** A `GiveResponse`. */
export function writeGiveResponse(verdicts: readonly { readonly verdict: string; readonly code?: string; readonly message?: string }[]): Buffer {
  writer.reset();
  for (const { verdict, code, message } of verdicts) {
    part.reset().text(1, verdict);
    if (code !== undefined) part.text(2, code);
    if (message !== undefined) part.text(3, message);
    writer.nested(1, part.bytes);
  }
  return Buffer.from(writer.bytes);
}
