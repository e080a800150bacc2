import { fileURLToPath } from 'node:url';
import { testKit } from '../support/kit-conformance.ts';

const DOUBLER = fileURLToPath(new URL('../support/containers/doubler.ts', import.meta.url));

testKit(() => DOUBLER);
