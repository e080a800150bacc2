import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/** Whether a database that nobody uses is whole, by SQLite's own check of every page; what is wrong with it, else undefined. */
export function databaseFault(file: string): string | undefined {
  const url = pathToFileURL(file);
  url.search = '?immutable=1';
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(url, { readOnly: true });
    const [first] = database.prepare('PRAGMA integrity_check(1)').all();
    const said = String(first?.['integrity_check']);
    return said === 'ok' ? undefined : said;
  } catch (thrown) {
    return (thrown as Error).message;
  } finally {
    database?.close();
  }
}
