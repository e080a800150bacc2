import type { Fault } from '../domain/fault.ts';
import type { OipContainer } from '../domain/model.ts';
import { isLoopback, readAddress } from './address.ts';
import type { NamedFiles } from './named-files.ts';
import type { RawModel } from './options.ts';

type RawOip = Extract<RawModel['container'], { oip: unknown }>;

interface OipReading {
  /** What the model is called here. */
  readonly model: string;
  readonly at: readonly (string | number)[];
  readonly files: NamedFiles;
  /** Hosts that may be dialled. */
  readonly dialAllow: readonly string[];
  readonly faults: Fault[];
}

/** From the words of the file to a server that is called by the Open Inference Protocol. */
export function readOip(raw: RawOip, { model, at, files, dialAllow, faults }: OipReading): OipContainer {
  const addresses = typeof raw.oip === 'string' ? [raw.oip] : raw.oip;
  addresses.forEach((text, i) => checkAddress(text, [...at, 'oip', ...(typeof raw.oip === 'string' ? [] : [i])], { dialAllow, faults }));
  const caFile = raw.ca_file === undefined ? undefined : files.file(raw.ca_file, [...at, 'ca_file'], faults);
  return {
    kind: 'oip', addresses, model: raw.model ?? model, maxInFlight: raw.max_in_flight, unbatched: raw.unbatched,
    ...(raw.version === undefined ? {} : { version: String(raw.version) }),
    ...(caFile === undefined ? {} : { caFile }),
  };
}

/** What `readOip` makes the same of again. */
export function writeOip(container: OipContainer): RawOip {
  const { addresses, model, version, maxInFlight, unbatched, caFile } = container;
  return {
    oip: [...addresses], model, max_in_flight: maxInFlight, unbatched,
    ...(version === undefined ? {} : { version }),
    ...(caFile === undefined ? {} : { ca_file: caFile }),
  };
}

function checkAddress(text: string, path: Fault['path'], { dialAllow, faults }: Pick<OipReading, 'dialAllow' | 'faults'>): void {
  const [scheme = '', place = ''] = text.split('://');
  const { host, port } = readAddress(place);
  if (port < 1 || port > 65_535) faults.push({ path, message: `has port ${port}`, expected: 'a port from 1 to 65535' });
  if (!dialAllow.includes(host)) faults.push({ path, message: `"${host}" may not be dialled`, expected: `one of dial.allow: ${dialAllow.join(', ')}` });
  else if (!isLoopback(host) && !scheme.endsWith('s')) faults.push({ path, message: `"${host}" is not on loopback`, expected: 'grpcs or https: beyond this machine only with TLS' });
}
