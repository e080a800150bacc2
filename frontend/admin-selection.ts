import { learnsByKey } from './domain/context-key.ts';
import type { Clock } from './domain/clock.ts';
import { StoreFault } from './domain/feedback.ts';
import type { Log } from './domain/log.ts';
import type { AdminSelection } from './http/admin/selection.ts';
import type { Learning } from './learning.ts';
import type { DerivedKeys } from './serving/decisions/receipt.ts';
import type { AppTable } from './serving/selection/app-table.ts';
import type { App } from './serving/selection/app.ts';
import { selectionView } from './serving/selection/selection-view.ts';

export interface AdminSelectionParts {
  readonly apps: Pick<AppTable, 'get'>;
  readonly learning: Pick<Learning, 'reset' | 'hold' | 'forgetKey' | 'feedback'>;
  readonly keys: Pick<DerivedKeys, 'hashContext'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/** Selection as admin sees it. */
export function adminSelection({ apps, learning, keys, clock, log }: AdminSelectionParts): AdminSelection {
  const keyed = (name: string): App | undefined => {
    const app = apps.get(name);
    return app !== undefined && learnsByKey(app.spec) ? app : undefined;
  };
  return {
    view: (name) => {
      const app = apps.get(name);
      return app === undefined ? undefined : selectionView(app, clock.now());
    },
    keyView: async (name, value) => {
      const context = keys.hashContext(value);
      if (keyed(name) === undefined) return undefined;
      if (!await learning.hold(name, context)) throw new StoreFault('slow', 'what was learned of the key could not be read');
      const app = keyed(name);
      return app === undefined ? undefined : selectionView(app, clock.now(), context);
    },
    reset: async (name) => {
      if (apps.get(name) === undefined) return false;
      await learning.reset(name);
      log.info({ app: name }, 'the operator made an app forget what it had learned');
      return true;
    },
    forgetKey: async (name, value) => {
      if (keyed(name) === undefined) return false;
      await learning.forgetKey(name, keys.hashContext(value));
      log.info({ app: name }, 'the operator made an app forget what it had learned of one context key');
      return true;
    },
    decision: (id) => learning.feedback.find(id),
  };
}
